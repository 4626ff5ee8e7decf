import { beforeAll, expect, test } from "vitest";
import type { HostTensor } from "../../../src/mim/method.ts";
import { type IJepaConfig, iJepa } from "../../../src/mim/methods/iJepa.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, TINY } from "../evaluateOnce.ts";

const config: IJepaConfig = {
  ...iJepa.toy.config,
  imageSize: [20, 20],
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  predictorDim: 16,
  predictorHeads: 2,
  blocks: {
    targets: 2,
    targetScale: [0.15, 0.2],
    targetAspect: [0.75, 1.5],
    contexts: 1,
    contextScale: [0.85, 1],
    minKeep: 2,
    allowOverlap: false,
  },
};

beforeAll(async () => {
  await start();
});

/** Patches of image n that a list of places holds. */
const held = (ids: HostTensor, valid: HostTensor, n: number) => {
  const width = ids.shape[1]!;
  return new Set(Array.from(ids.data.slice(n * width, (n + 1) * width)).filter((_, i) => valid.data[n * width + i]));
};
const patchOf = (i: number) => ({
  n: Math.floor(i / 1200),
  patch: Math.floor(Math.floor((i % 400) / 20) / 4) * 5 + Math.floor((i % 20) / 4),
});

test("the prediction comes from the context block alone, which holds no patch of a target block", async () => {
  const first = await evaluateOnce(iJepa, config);
  const { context0, context0Valid, target0, target0Valid, target1, target1Valid } = first.inputs;
  const contexts = [0, 1, 2].map((n) => held(context0!, context0Valid!, n));
  contexts.forEach((context, n) => {
    for (const patch of held(target0!, target0Valid!, n)) expect(context.has(patch)).toBe(false);
    for (const patch of held(target1!, target1Valid!, n)) expect(context.has(patch)).toBe(false);
  });
  const images = changed(first.inputs.images!, (v, i) => {
    const { n, patch } = patchOf(i);
    return contexts[n]!.has(patch) ? v : 1 - v;
  });
  const again = await evaluateOnce(iJepa, config, { ...first, inputs: { ...first.inputs, images } });
  expect(distance(again.outputs.pred, first.outputs.pred)).toBe(0);
  expect(distance(again.outputs.target, first.outputs.target)).toBeGreaterThan(1e-3);
});

test("the target of a patch depends on the rest of the image, which MAE's pixels do not", async () => {
  const first = await evaluateOnce(iJepa, config);
  const asked = [0, 1, 2].map((n) => held(first.inputs.target0!, first.inputs.target0Valid!, n));
  const elsewhere = changed(first.inputs.images!, (v, i) => {
    const { n, patch } = patchOf(i);
    return asked[n]!.has(patch) ? v : 1 - v;
  });
  const again = await evaluateOnce(iJepa, config, { ...first, inputs: { ...first.inputs, images: elsewhere } });
  const M = first.inputs.target0!.shape[1]!;
  const ofFirst = (x: HostTensor) => ({ shape: [3, M, 16], data: x.data.slice(0, 3 * M * 16) });
  expect(distance(ofFirst(again.outputs.target!), ofFirst(first.outputs.target!))).toBeGreaterThan(1e-3);

  const pixels = { ...mae.toy.config, ...TINY, imageSize: [20, 20] as const };
  const plain = await evaluateOnce(mae, pixels, { batch: { images: first.inputs.images! } });
  const moved = await evaluateOnce(mae, pixels, { ...plain, inputs: { ...plain.inputs, images: elsewhere } });
  const F = 48;
  const kept = (x: HostTensor) =>
    Float64Array.from(x.data).filter((_, i) => asked[Math.floor(i / (25 * F))]!.has(Math.floor(i / F) % 25));
  const difference = kept(moved.outputs.target!).map((v, i) => v - kept(plain.outputs.target!)[i]!);
  expect(Math.max(...difference.map(Math.abs))).toBe(0);
});

test("what fills a list of places changes nothing", async () => {
  const first = await evaluateOnce(iJepa, config);
  const valid = first.inputs.context0Valid!;
  const ids = first.inputs.context0!;
  expect(Array.from(valid.data).includes(0)).toBe(true);
  const other = { ...ids, data: Int32Array.from(ids.data, (id, i) => (valid.data[i] ? id : 7)) };
  const again = await evaluateOnce(iJepa, config, { ...first, inputs: { ...first.inputs, context0: other } });
  expect(again.loss).toBeCloseTo(first.loss, 12);
});
