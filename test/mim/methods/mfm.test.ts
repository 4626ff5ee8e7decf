import { beforeAll, expect, test } from "vitest";
import { type MfmConfig, mfm } from "../../../src/mim/methods/mfm.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce } from "../evaluateOnce.ts";

const config: MfmConfig = {
  ...mfm.toy.config,
  encoder: {
    imageSize: [16, 16],
    patchSize: 4,
    channels: 3,
    dim: 16,
    depth: 1,
    heads: 2,
    eps: 1e-6,
    positions: "sinCos",
    relativePositions: "none",
    qkvBias: "qv",
    maskToken: false,
  },
  radius: 2,
};

beforeAll(async () => {
  await start();
});

test("filtered pictures lie between black and white, and nothing depends on which values these have", async () => {
  const first = await evaluateOnce(mfm, { ...config, range: [0, 1] });
  const { corrupted, pred } = first.outputs;
  expect(corrupted!.data.every((v) => v >= 0 && v <= 1)).toBe(true);
  expect(corrupted!.data.filter((v) => v === 0).length).toBeGreaterThan(10); // without the mean half lies below black
  const images = changed(first.inputs.images!, (v) => 4 * v - 2);
  const again = await evaluateOnce(
    mfm,
    { ...config, range: [-2, 2] },
    { ...first, inputs: { ...first.inputs, images } },
  );
  expect(distance(again.outputs.corrupted, corrupted)).toBeLessThan(1e-12);
  expect(distance(again.outputs.pred, pred)).toBeLessThan(1e-10);
  expect(again.loss).toBeCloseTo(first.loss, 10);
});
