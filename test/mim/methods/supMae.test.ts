import { beforeAll, expect, test } from "vitest";
import { mae } from "../../../src/mim/methods/mae.ts";
import { supMae } from "../../../src/mim/methods/supMae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config = { ...supMae.toy.config, ...TINY, hidden: 8 };

beforeAll(async () => {
  await start();
});

test("labels teach the encoder and not the decoder; MAE does not know them", async () => {
  const trained = ["blocks.0.attn.qkv.weight", "decoder_pred.weight", "decoder_embed.weight"];
  const of = ({ outputs }: { outputs: Record<string, unknown> }) => outputs.lossClass as Tensor;
  const first = await evaluateOnce(supMae, config, { n: 6, trained, of });
  expect(norm(first.grads["blocks.0.attn.qkv.weight"])).toBeGreaterThan(1e-6);
  expect(norm(first.grads["decoder_pred.weight"])).toBe(0);
  expect(norm(first.grads["decoder_embed.weight"])).toBe(0);

  const shape = first.batch.labels!.shape;
  const labels = { shape, data: Int32Array.from(first.batch.labels!.data, (v) => (v + 1) % 10) };
  const other = await evaluateOnce(supMae, config, { n: 6, batch: { ...first.batch, labels } });
  expect(Math.abs(other.loss - first.loss)).toBeGreaterThan(1e-6);
  const plain = await evaluateOnce(mae, config, { n: 6, batch: first.batch });
  const same = await evaluateOnce(mae, config, { n: 6, batch: { ...first.batch, labels } });
  expect(same.loss).toBe(plain.loss);
});

test("the class is read from the mean of the visible patches alone", async () => {
  const first = await evaluateOnce(supMae, config);
  const { mask, images } = first.inputs;
  const hidden = (i: number) => {
    const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
    return mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
  };
  const inputs = { ...first.inputs, images: changed(images!, (v, i) => (hidden(i) ? 1 - v : v)) };
  const unseen = await evaluateOnce(supMae, config, { inputs });
  expect(unseen.outputs.logits).toEqual(first.outputs.logits);
  expect(unseen.outputs.lossRec!.data[0]).not.toBe(first.outputs.lossRec!.data[0]);
  const [, T, D] = first.outputs.latent!.shape as [number, number, number];
  const pooled = {
    shape: [3, D],
    data: Float64Array.from({ length: 3 * D }, (_, i) => {
      let sum = 0;
      for (let t = 1; t < T; t++) sum += first.outputs.latent!.data[(Math.floor(i / D) * T + t) * D + (i % D)]!;
      return sum / (T - 1);
    }),
  };
  expect(distance(first.outputs.features, pooled)).toBeLessThan(1e-12);
});
