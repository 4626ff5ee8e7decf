import { beforeAll, expect, test } from "vitest";
import { ganMae } from "../../../src/mim/methods/ganMae.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config = { ...ganMae.toy.config, ...TINY };
const trained = ["blocks.0.attn.qkv.weight", "discriminator.weight", "decoder_pred.weight"];
const moved = async (term: "lossD" | "lossAdv") => {
  const run = await evaluateOnce(ganMae, config, { trained, of: ({ outputs }) => outputs[term] as Tensor });
  return trained.map((name) => norm(run.grads[name]) > 1e-9);
};

beforeAll(async () => {
  await start();
});

test("telling made from true trains the shared encoder and its head, never the decoder", async () => {
  expect(await moved("lossD")).toEqual([true, true, false]);
});

test("passing for real trains the autoencoder, never the head that judges; MAE knows no judge", async () => {
  expect(await moved("lossAdv")).toEqual([true, false, true]);
  expect(Object.keys(mae.specs(config))).not.toContain("discriminator.weight");
});

test("the judge sees the picture with predictions in the hidden places alone, one logit a patch", async () => {
  const run = await evaluateOnce(ganMae, config);
  const { mask, images } = run.inputs;
  const composite = run.outputs.composite!;
  const hidden = (i: number) => {
    const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
    return mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
  };
  const apart = Array.from(composite.data, (v, i) => Math.abs(v - images!.data[i]!));
  expect(Math.max(...apart.filter((_, i) => !hidden(i)))).toBeLessThan(1e-12);
  expect(Math.max(...apart.filter((_, i) => hidden(i)))).toBeGreaterThan(0.01);
  expect(run.outputs.logits!.shape).toEqual([3, 16]);
  const perfect = await evaluateOnce(
    ganMae,
    { ...config, adversarialWeight: 0, discriminatorWeight: 0 },
    {
      params: run.params,
      inputs: run.inputs,
    },
  );
  const plain = await evaluateOnce(mae, config, { params: run.params, inputs: run.inputs });
  expect(perfect.loss).toBeCloseTo(plain.loss, 12);
  expect(distance(perfect.outputs.pred, plain.outputs.pred)).toBeLessThan(1e-12);
});
