import { beforeAll, expect, test } from "vitest";
import { mae } from "../../../src/mim/methods/mae.ts";
import { maskFeat } from "../../../src/mim/methods/maskFeat.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, TINY } from "../evaluateOnce.ts";

const config = {
  ...maskFeat.toy.config,
  imageSize: [16, 16] as const,
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  blocks: { hidden: 6, minBlock: 2, minAspect: 0.3 },
};

beforeAll(async () => {
  await start();
});

test("contrast and brightness do not change what is predicted, but change pixels", async () => {
  const first = await evaluateOnce(maskFeat, config);
  const images = changed(first.batch.images!, (v) => 0.4 * v + 0.3);
  const again = await evaluateOnce(maskFeat, config, { batch: { images } });
  expect(again.inputs.target!.shape).toEqual([3, 16, 27]);
  expect(distance(again.inputs.target, first.inputs.target)).toBeLessThan(1e-6);
  expect(distance(again.outputs.pred, first.outputs.pred)).toBeGreaterThan(1e-4);
  const pixels = { ...mae.toy.config, ...TINY, normalizedTarget: false };
  const generic = await evaluateOnce(mae, pixels, { batch: first.batch });
  const dimmed = await evaluateOnce(mae, pixels, { batch: { images } });
  expect(distance(dimmed.outputs.target, generic.outputs.target)).toBeGreaterThan(0.1);
});

test("only hidden patches are learned from, and their pixels are not seen", async () => {
  const first = await evaluateOnce(maskFeat, config);
  const { mask } = first.inputs;
  const hidden = (i: number) => {
    const [n, y, x] = [Math.floor(i / (3 * 256)), Math.floor((i % 256) / 16), i % 16];
    return mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
  };
  const images = changed(first.batch.images!, (v, i) => (hidden(i) ? 1 - v : v));
  const unseen = await evaluateOnce(maskFeat, config, { inputs: { ...first.inputs, images } });
  expect(unseen.loss).toBe(first.loss);
  const target = changed(first.inputs.target!, (v, i) => (mask!.data[Math.floor(i / 27)] === 0 ? v + 1 : v));
  const elsewhere = await evaluateOnce(maskFeat, config, { inputs: { ...first.inputs, target } });
  expect(elsewhere.loss).toBe(first.loss);
});
