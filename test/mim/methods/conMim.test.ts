import { beforeAll, describe, expect, test } from "vitest";
import { type ConMimConfig, conMim, conMimLoss } from "../../../src/mim/methods/conMim.ts";
import { infoNce } from "../../../src/mim/objective/infoNce.ts";
import { read, readSync, reshape, scope, start, type Tensor, tensor, valueAndGrad } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, norm } from "../evaluateOnce.ts";
import { updateOnce } from "../updateOnce.ts";

const config: ConMimConfig = {
  ...conMim.toy.config,
  imageSize: [16, 16],
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  range: [0, 1],
  maskUnit: 8,
  maskRatio: 0.75,
  projector: { hidden: 16, out: 8 },
};
const L = 16;
const tau = config.temperature;

beforeAll(async () => {
  await start();
});

/** Whether pixel i of [N, 3, 16, 16] lies under the mask. */
const under = (mask: ArrayLike<number>) => (i: number) => {
  const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
  return mask[n * L + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
};

describe("negatives", () => {
  test("are the other places of the same picture, hidden or not: the definition, one patch after the other", async () => {
    const { loss, outputs, inputs } = await evaluateOnce(conMim, config);
    const unit = (x: ArrayLike<number>, row: number) => {
      const v = Array.from(x).slice(row * 8, row * 8 + 8);
      const length = Math.hypot(...v);
      return v.map((a) => a / length);
    };
    const mask = Array.from(inputs.mask!.data);
    let total = 0;
    for (let at = 0; at < mask.length; at++) {
      if (mask[at] === 0) continue;
      const query = unit(outputs.masked!.data, at);
      const first = at - (at % L);
      const scores = Array.from({ length: L }, (_, j) => {
        const key = unit(outputs.intact!.data, first + j);
        return Math.exp(query.reduce((s, q, d) => s + q * key[d]!, 0) / tau);
      });
      total -= Math.log(scores[at % L]! / scores.reduce((a, b) => a + b, 0));
    }
    const hidden = mask.reduce((a, b) => a + b, 0);
    expect(hidden).toBe(0.75 * mask.length);
    expect(loss).toBeCloseTo(total / hidden, 10);
  });

  test("do not come from other pictures, as the batch's do in the usual InfoNCE", () => {
    scope(() => {
      const drawn = (seed: number) => Float64Array.from(normals(keyOf(seed), 2 * L * 8));
      const [intact, hidden, others] = [drawn(1), drawn(2), drawn(3)];
      const replaced = (x: Float64Array) => Float64Array.from(x, (v, i) => (i < L * 8 ? v : others[i]!));
      const mask = tensor(
        Float64Array.from({ length: 2 * L }, (_, i) => (i < L && i % 2 === 0 ? 1 : 0)), // of the first picture alone
        [2, L],
        "float64",
      );
      const on = (x: Float64Array) => tensor(x, [2, L, 8], "float64");
      const ours = (k: Float64Array, q: Float64Array) => readSync(conMimLoss(on(k), on(q), mask, tau))[0]!;
      expect(ours(replaced(intact), replaced(hidden))).toBe(ours(intact, hidden));
      const usual = (k: Float64Array) =>
        readSync(infoNce(reshape(on(hidden), [2 * L, 8]), reshape(on(k), [2 * L, 8]), tau))[0]!;
      expect(Math.abs(usual(replaced(intact)) - usual(intact))).toBeGreaterThan(1e-3);
      return [];
    });
  });

  test("are L - 1: where all keys are equal the loss is ln L, not the logarithm of the number of hidden patches", async () => {
    const first = await evaluateOnce(conMim, config);
    const name = "teacher.projectors.6.weight";
    const { shape, data } = first.state[name]!;
    const state = { ...first.state, [name]: { shape, data: data.map(() => 0) } };
    const { loss } = await evaluateOnce(conMim, config, { ...first, state });
    expect(loss).toBeCloseTo(Math.log(L), 12);
  });
});

describe("views", () => {
  test("hidden pixels of the plain view reach nothing; those of the perturbed view reach the keys", async () => {
    const first = await evaluateOnce(conMim, config);
    const hidden = under(first.inputs.mask!.data);
    const invert = (name: "images" | "perturbed") => ({
      ...first.inputs,
      [name]: changed(first.inputs[name]!, (v, i) => (hidden(i) ? 1 - v : v)),
    });
    const plain = await evaluateOnce(conMim, config, { ...first, inputs: invert("images") });
    expect(distance(plain.outputs.masked, first.outputs.masked)).toBe(0);
    expect(distance(plain.outputs.intact, first.outputs.intact)).toBe(0);
    const strong = await evaluateOnce(conMim, config, { ...first, inputs: invert("perturbed") });
    expect(distance(strong.outputs.masked, first.outputs.masked)).toBe(0);
    expect(distance(strong.outputs.intact, first.outputs.intact)).toBeGreaterThan(1e-2);
  });

  test("as Algorithm 2 prints them, it is the perturbed view whose hidden pixels reach nothing", async () => {
    const printed: ConMimConfig = { ...config, perturbed: "masked" };
    const first = await evaluateOnce(conMim, printed);
    const hidden = under(first.inputs.mask!.data);
    const perturbed = changed(first.inputs.perturbed!, (v, i) => (hidden(i) ? 1 - v : v));
    const again = await evaluateOnce(conMim, printed, { ...first, inputs: { ...first.inputs, perturbed } });
    expect(distance(again.outputs.masked, first.outputs.masked)).toBe(0);
    expect(distance(again.outputs.intact, first.outputs.intact)).toBe(0);
  });

  test("show the same places: no patch of the perturbed view has moved", async () => {
    const still = { jitter: { ...config.perturbation.jitter, probability: 0 }, grey: 0, blur: 0, solarize: 0 };
    const { inputs } = await evaluateOnce(conMim, { ...config, perturbation: still });
    expect(distance(inputs.perturbed, inputs.images)).toBe(0);
    const moved = await evaluateOnce(conMim, config);
    expect(distance(moved.inputs.perturbed, moved.inputs.images)).toBeGreaterThan(0.05);
  });
});

describe("gradient", () => {
  test("reaches the queries of hidden places alone", async () => {
    const { outputs, inputs } = await evaluateOnce(conMim, config);
    const shape = outputs.masked!.shape;
    const mask = inputs.mask!;
    const grads = scope(() => {
      const on = (x: ArrayLike<number>, s: readonly number[]) => tensor(Float64Array.from(x), s, "float64");
      const { grads } = valueAndGrad((x: Record<string, Tensor>, key: Record<string, Tensor>) => [
        conMimLoss(key.k!, x.q!, on(mask.data, mask.shape), tau),
        {},
      ])({ q: on(outputs.masked!.data, shape) }, { k: on(outputs.intact!.data, shape) });
      return grads.q!;
    });
    const rows = await read(grads);
    mask.data.forEach((m, at) => {
      const size = Math.hypot(...Array.from(rows).slice(at * 8, at * 8 + 8));
      if (m === 1) expect(size).toBeGreaterThan(1e-6);
      else expect(size).toBe(0);
    });
  });

  test("moves projection, mask token and MLP, not the momentum encoder, which follows by its running mean", async () => {
    const trained = ["mask_token", "patch_embed.proj.weight", "projectors.6.weight"];
    const beside = trained.map((name) => `state:teacher.${name}`);
    const { grads, params, state, inputs } = await evaluateOnce(conMim, config, { trained: [...trained, ...beside] });
    for (const name of trained) expect(norm(grads[name])).toBeGreaterThan(1e-6);
    for (const name of beside) expect(norm(grads[name])).toBe(0);
    const name = "projectors.6.weight";
    const { shape, data } = params[name]!;
    const moved = { ...params, [name]: { shape, data: data.map((v) => v + 1) } };
    const after = await updateOnce(conMim, config, state, moved, inputs, {});
    after[`teacher.${name}`]!.data.forEach((v, i) => {
      expect(v - state[`teacher.${name}`]!.data[i]!).toBeCloseTo(1 - config.momentum, 6);
    });
  });
});
