import { beforeAll, expect, test } from "vitest";
import { cmae } from "../../../src/mim/methods/cmae.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
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
