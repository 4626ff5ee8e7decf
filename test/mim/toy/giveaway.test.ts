import { expect, test } from "vitest";
import { kNearest } from "../../../src/mim/evaluate/kNearest.ts";
import { linearProbe } from "../../../src/mim/evaluate/linearProbe.ts";
import { rawPixels } from "../../../src/mim/evaluate/rawPixels.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";

const [train, held] = [0, 1000].map((start) => toyBatch("rgb", { seed: 11, n: 1000, size: 16, start }));

test("the class is not readable from colour means: probes on them stay near chance", () => {
  const means = [train!, held!].map(({ inputs, labels }) => ({ features: rawPixels(inputs.images!, 16), labels }));
  for (const probe of [linearProbe, kNearest]) expect(probe(means[0]!, means[1]!).accuracy).toBeLessThan(0.15);
});
