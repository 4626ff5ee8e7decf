import { beforeAll, describe, expect, test } from "vitest";
import { aligned, type DynamicAlignment } from "../../../src/mim/architecture/dynamicAlignment.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { type MaskAlignConfig, maskAlign } from "../../../src/mim/methods/maskAlign.ts";
import { smoothL1 } from "../../../src/mim/objective/smoothL1.ts";
import { mean, slice, start, sumOf } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config: MaskAlignConfig = {
  ...maskAlign.toy.config,
  ...TINY,
  depth: 3,
  maskRatio: 0.5,
  teacher: { ...mae.toy.config, ...TINY, dim: 24, depth: 3 },
};
const [L, K] = [16, 8];

beforeAll(async () => {
  await start();
});

/** The images with the pixels of hidden patches inverted. */
function hiddenInverted(images: HostTensor, idsKeep: HostTensor): HostTensor {
  return changed(images, (v, i) => {
    const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
    const patch = Math.floor(y / 4) * 4 + Math.floor(x / 4);
    return idsKeep.data.subarray(n * K, (n + 1) * K).includes(patch) ? v : 1 - v;
  });
}

describe("nothing hidden is foretold", () => {
  test("as many vectors are compared as tokens are visible, and there is no mask token to foretell others from", async () => {
    const { outputs, params } = await evaluateOnce(maskAlign, config);
    for (const layer of [0, 1, 2]) {
      expect(outputs[`pred.${layer}`]!.shape).toEqual([3, 1 + K, 24]);
      expect(outputs[`targets.${layer}`]!.shape).toEqual([3, 1 + K, 24]);
    }
    expect(Object.keys(params).filter((name) => /mask_token|decoder/.test(name))).toEqual([]);
    const plain = await evaluateOnce(mae, { ...mae.toy.config, ...TINY, maskRatio: 0.5 });
    expect(plain.outputs.pred!.shape[1]).toBe(L);
  });

  test("hidden pixels reach the loss by way of the teacher alone; MAE's loss is about them", async () => {
    const first = await evaluateOnce(maskAlign, config);
    const { images, idsKeep } = first.inputs;
    const moved = { ...first.inputs, images: hiddenInverted(images!, idsKeep!) };
    const again = await evaluateOnce(maskAlign, config, { ...first, inputs: moved });
    for (const layer of [0, 1, 2]) {
      expect(distance(again.outputs[`pred.${layer}`], first.outputs[`pred.${layer}`])).toBe(0);
    }
    expect(distance(again.outputs["targets.2"], first.outputs["targets.2"])).toBeGreaterThan(1e-4);
    // A teacher whose blocks add nothing sees each patch by itself, so that its visible features stay as they were.
    const silent = Object.fromEntries(
      Object.entries(first.state).map(([name, x]) => [
        name,
        /attn\.proj|mlp\.fc2/.test(name) ? { ...x, data: x.data.map(() => 0) } : x,
      ]),
    );
    const trained = ["blocks.0.attn.qkv.weight", "distill_weights"];
    const near = await evaluateOnce(maskAlign, config, { ...first, state: silent, trained });
    const far = await evaluateOnce(maskAlign, config, { ...first, state: silent, inputs: moved, trained });
    expect(far.loss).toBe(near.loss);
    for (const name of trained) expect(distance(far.grads[name], near.grads[name])).toBe(0);
    const plain = await evaluateOnce(mae, { ...mae.toy.config, ...TINY, maskRatio: 0.5 });
    const shifted = { ...plain.inputs, images: hiddenInverted(plain.inputs.images!, plain.inputs.idsKeep!) };
    const other = await evaluateOnce(
      mae,
      { ...mae.toy.config, ...TINY, maskRatio: 0.5 },
      { ...plain, inputs: shifted },
    );
    expect(Math.abs(other.loss - plain.loss)).toBeGreaterThan(1e-6);
  });
});

test("a student whose layers stand in another order is aligned by W, which a fixed pairing cannot do", async () => {
  const depth = 3;
  const [N, M, D] = [2, 4, 5];
  const draws = seededDraws(keyOf(3));
  const layers = { shape: [N, depth * M, D], data: draws.normal(N * depth * M * D) };
  const targets = { shape: [N, depth * M, D], data: draws.normal(N * depth * M * D) };
  const c = { fusion: "linear", head: "linear", student: { dim: D, depth }, teacher: { dim: D, depth }, eps: 1e-6 };
  const eye = (n: number) => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const heads = Object.fromEntries(
    [0, 1, 2].map((a) => [
      `distill_heads.${a}.weight`,
      { shape: [D, D], data: eye(D).map((v, i) => v + 0.1 * Math.sin(i + a)) },
    ]),
  );
  const order = [2, 0, 1];
  const run = async (fusion: DynamicAlignment["fusion"], W: Float64Array, permuted: boolean) => {
    const { loss } = await evaluateWithGradients(
      (p, x) => {
        const rows = (of: typeof x.layers, a: number) => slice(of!, 1, a * M, (a + 1) * M);
        const own = [0, 1, 2].map((b) => rows(x.layers, permuted ? order[b]! : b));
        const pred = aligned({ ...c, fusion } as DynamicAlignment, p, own);
        return { loss: sumOf(...pred.map((y, a) => mean(smoothL1(y, rows(x.targets, a))))), outputs: {} };
      },
      { ...heads, distill_weights: { shape: [depth, depth], data: W } },
      { layers, targets },
      [],
      "float64",
    );
    return loss.data[0]!;
  };
  const W = eye(depth);
  const permutedW = Float64Array.from({ length: 9 }, (_, i) => (order[i % 3] === Math.floor(i / 3) ? 1 : 0));
  const inOrder = await run("linear", W, false);
  expect(await run("simple", W, false)).toBeCloseTo(inOrder, 12);
  expect(await run("linear", permutedW, true)).toBeCloseTo(inOrder, 12);
  expect(Math.abs((await run("simple", W, true)) - inOrder)).toBeGreaterThan(1e-3);
});

test("what the teacher attends to stays more often than random masking keeps it", () => {
  const N = 400;
  const attention = { shape: [N, L], data: Float64Array.from({ length: N * L }, (_, i) => (i % L < 4 ? 8 : 1)) };
  const images = { shape: [N, 3, 16, 16], data: new Float32Array(N * 768) };
  const kept = (sampling: MaskAlignConfig["sampling"]) => {
    const at = { step: 0, steps: 1 };
    const { idsKeep } = maskAlign.prepare({ ...config, sampling }, { images }, seededDraws(keyOf(1)), at, {
      attention,
    });
    expect(new Set(Array.from(idsKeep!.data, (id, i) => `${Math.floor(i / K)} ${id}`)).size).toBe(N * K);
    return Array.from(idsKeep!.data).filter((id) => id < 4).length / (4 * N);
  };
  expect(kept("attention")).toBeGreaterThan(0.9);
  expect(Math.abs(kept("random") - K / L)).toBeLessThan(0.05);
});

test("only the last layers count, equally, twice the smooth L1 over all their numbers", async () => {
  const { loss, outputs, grads } = await evaluateOnce(maskAlign, config, {
    trained: ["distill_heads.0.weight", "distill_heads.1.weight", "distill_weights", "blocks.0.mlp.fc2.weight"],
  });
  const each = [1, 2].map((a) => {
    const [x, y] = [outputs[`pred.${a}`]!.data, outputs[`targets.${a}`]!.data];
    const terms = Array.from(x, (v, i) => {
      const e = Math.abs(v - y[i]!);
      return e < 1 ? e * e : 2 * e - 1;
    });
    return terms.reduce((sum, v) => sum + v, 0) / terms.length;
  });
  expect(loss).toBeCloseTo((each[0]! + each[1]!) / 2, 10);
  expect(norm(grads["distill_heads.0.weight"])).toBe(0);
  expect(norm(grads["distill_heads.1.weight"])).toBeGreaterThan(1e-4);
  expect(norm(grads["blocks.0.mlp.fc2.weight"])).toBeGreaterThan(1e-6);
  const W = Array.from(grads.distill_weights!.data);
  expect(W.slice(0, 3)).toEqual([0, 0, 0]);
  expect(W.slice(3).every((v) => v !== 0)).toBe(true);
});
