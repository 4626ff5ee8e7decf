import { beforeAll, expect, test } from "vitest";
import { cavMae } from "../../../src/mim/methods/cavMae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config = { ...cavMae.toy.config, ...TINY, soundSize: [16, 16] as const, dim: 16, decoderDim: 16 };

beforeAll(async () => {
  await start();
});

test("a picture's contrasted feature does not know the sound; what is decoded does", async () => {
  const first = await evaluateOnce(cavMae, config);
  const spectrograms = changed(first.inputs.spectrograms!, (v, i) => v + 0.2 * Math.sin(i));
  const other = await evaluateOnce(cavMae, config, { inputs: { ...first.inputs, spectrograms } });
  expect(other.outputs.pictureOnly).toEqual(first.outputs.pictureOnly);
  expect(distance(other.outputs.soundOnly, first.outputs.soundOnly)).toBeGreaterThan(1e-4);
  expect(distance(other.outputs.predV, first.outputs.predV)).toBeGreaterThan(1e-6);
});

test("three passes share attention and MLP and have normalisations of their own", async () => {
  const trained = ["norm1_a", "norm1_v", "norm1"].map((n) => `blocks_u.0.${n}.weight`);
  const shared = "blocks_u.0.mlp.fc1.weight";
  const contrast = await evaluateOnce(cavMae, config, {
    trained: [...trained, shared],
    of: ({ outputs }) => outputs.lossC as Tensor,
  });
  const mae = await evaluateOnce(cavMae, config, {
    trained: [...trained, shared],
    of: ({ outputs }) => outputs.lossMae as Tensor,
  });
  const sizes = (run: typeof mae) => trained.map((name) => norm(run.grads[name]) > 1e-9);
  expect(sizes(contrast)).toEqual([true, true, false]);
  expect(sizes(mae)).toEqual([false, false, true]);
  expect(norm(contrast.grads[shared])).toBeGreaterThan(1e-9);
  expect(norm(mae.grads[shared])).toBeGreaterThan(1e-9);
});

test("the contrast runs one way: each picture picks among sounds", async () => {
  const run = await evaluateOnce(cavMae, config, { n: 4 });
  const rows = (name: string) =>
    Array.from({ length: 4 }, (_, n) => Array.from(run.outputs[name]!.data.slice(n * 16, n * 16 + 16)));
  const unit = (x: number[]) => x.map((v) => v / Math.hypot(...x));
  const [A, V] = [rows("meanA").map(unit), rows("meanV").map(unit)];
  const cost = (queries: number[][], keys: number[][]) =>
    queries.reduce((sum, q, n) => {
      const logits = keys.map((k) => k.reduce((dot, x, i) => dot + x * q[i]!, 0) / config.temperature);
      return sum + Math.log(logits.reduce((e, x) => e + Math.exp(x), 0)) - logits[n]!;
    }, 0) / 4;
  const found = run.outputs.lossC!.data[0]! / config.contrastWeight;
  expect(found).toBeCloseTo(cost(V, A), 8);
  expect(Math.abs(found - cost(A, V))).toBeGreaterThan(1e-6);
});
