import { beforeAll, expect, test } from "vitest";
import type { HostTensor } from "../../../src/mim/method.ts";
import { cmae } from "../../../src/mim/methods/cmae.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { startingPoint, trainer } from "../../../src/mim/train/trainer.ts";
import { changed, distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config = { ...cmae.toy.config, ...TINY, cropSize: 12, projector: { hidden: 8, out: 8 } };
const masks = ["feature_decoder.mask_token", "pixel_decoder.mask_token"];

beforeAll(async () => {
  await start();
});

test("the contrast fills in hidden patches through the feature decoder alone", async () => {
  const contrast = await evaluateOnce(cmae, config, {
    trained: masks,
    of: ({ outputs }) => outputs.lossContrast as Tensor,
  });
  expect(norm(contrast.grads["feature_decoder.mask_token"])).toBeGreaterThan(1e-6);
  expect(norm(contrast.grads["pixel_decoder.mask_token"])).toBe(0);
  const { lossContrast, lossReconstruction } = contrast.outputs;
  expect(contrast.loss).toBeCloseTo(lossContrast!.data[0]! + lossReconstruction!.data[0]!, 12);
});

test("the momentum copy sees every patch; MAE's loss knows nothing of the patches it hides but as targets", async () => {
  const first = await evaluateOnce(cmae, config);
  expect(first.outputs.latentTarget!.shape).toEqual([3, 1 + 9, 16]);
  expect(first.outputs.latent!.shape[1]).toBeLessThan(1 + 9);
  const targets = changed(first.inputs.targets!, (v, i) => (i === 0 ? v + 1 : v));
  const again = await evaluateOnce(cmae, config, { inputs: { ...first.inputs, targets } });
  expect(distance(again.outputs.key, first.outputs.key)).toBeGreaterThan(1e-6);
  expect(again.outputs.lossReconstruction).toEqual(first.outputs.lossReconstruction);
});

test("pictures are of the crop, and equal to it where nothing is hidden", async () => {
  const key = keyOf(1);
  const { images } = toyBatch("rgb", { seed: 1, n: 2, size: 16 }).inputs;
  const t = trainer(cmae, config, { steps: 1, lr: 1e-3 }, startingPoint(cmae, config, key), key);
  const { whole, masked, reconstruction } = await t.look({ images: images! });
  t.dispose();
  expect([whole!.shape, masked!.shape, reconstruction!.shape]).toEqual(Array(3).fill([2, 3, 12, 12]));
  const rows = (x: HostTensor, side: number) =>
    Array.from({ length: x.data.length / side }, (_, r) => Array.from(x.data.slice(r * side, (r + 1) * side)).join());
  const cut = rows(images!, 16);
  for (const row of rows(whole!, 12)) expect(cut.some((line) => line.includes(row))).toBe(true);
  for (const picture of [masked!, reconstruction!]) {
    const same = picture.data.filter((v, i) => Math.abs(v - whole!.data[i]!) < 1e-6).length / picture.data.length;
    expect(same).toBeGreaterThan(0.3);
    expect(same).toBeLessThan(0.5);
  }
});

test("without the contrast it is MAE on the crop", async () => {
  const plain = await evaluateOnce(cmae, { ...config, contrastWeight: 0 });
  const names = Object.keys(mae.specs({ ...mae.toy.config, ...TINY, imageSize: [12, 12] }));
  const params = Object.fromEntries(
    names.map((name) => {
      const from = /^(decoder|mask_token)/.test(name) ? "pixel_decoder." : "backbone.";
      const there = name
        .replace("patch_embed.proj.", "patch_embed.projection.")
        .replace(/^blocks/, "layers")
        .replace(/^(decoder_)?norm\./, "ln1.")
        .replace(/\.norm/, ".ln")
        .replace(".mlp.fc1", ".ffn.layers.0.0")
        .replace(".mlp.fc2", ".ffn.layers.1");
      return [name, plain.params[from + there]!];
    }),
  );
  const same = await evaluateOnce(
    mae,
    { ...mae.toy.config, ...TINY, imageSize: [12, 12] },
    {
      params,
      inputs: plain.inputs,
    },
  );
  expect(same.loss).toBeCloseTo(plain.loss, 12);
});
