import { beforeAll, describe, expect, test } from "vitest";
import { algorithm1, type Chosen, type Reconstruction, type ReconstructionWeights } from "../../src/mim/algorithm1.ts";
import {
  algorithm2,
  type Contrast,
  type ContrastWeights,
  contrast,
  infoNceOfPatches,
} from "../../src/mim/algorithm2.ts";
import { seededDraws } from "../../src/mim/draws.ts";
import { randomMasking } from "../../src/mim/masking/random.ts";
import { patchify } from "../../src/mim/nn/patchify.ts";
import { l2 } from "../../src/mim/objective/l2.ts";
import {
  add,
  leaves,
  matmul,
  mean,
  read,
  scope,
  start,
  sum,
  type Tensor,
  type Tree,
  tanh,
  tensor,
  valueAndGrad,
} from "../../src/mim/ops.ts";
import { toyBatch } from "../../src/mim/toy/batch.ts";
import { fold, keyOf, normals } from "../../src/mim/toy/random.ts";

beforeAll(async () => {
  await start();
});

const [N, p, side, D] = [2, 4, 16, 12] as const;
const F = p * p * 3;
const n = (side / p) ** 2;
const key = keyOf(3);

/** Small random weights by name and shape. */
const drawn = (name: string, shape: readonly number[], scale: number) =>
  Float64Array.from(
    normals(
      fold(key, name),
      shape.reduce((a, b) => a * b, 1),
    ),
    (x) => x * scale,
  );
const weight = (name: string, shape: readonly number[], scale = 0.2) =>
  tensor(drawn(name, shape, scale), shape, "float64");
const toy = toyBatch("rgb", { seed: 5, n: N, size: side }).inputs.images!.data as Float32Array;
const images = () => tensor(Float64Array.from(toy), [N, 3, side, side], "float64");
const W = { proj: [F, D], encode: [D, D], decode: [D, F], place: [1, n, D] } as const;

function chosen(): Chosen & { host: Float32Array } {
  const { idsKeep, idsRestore, mask } = randomMasking(seededDraws(key), N, n, 0.75);
  return {
    idsKeep: tensor(idsKeep, [N, idsKeep.length / N], "int32"),
    idsRestore: tensor(idsRestore, [N, n], "int32"),
    mask: tensor(Float64Array.from(mask), [N, n], "float64"),
    host: mask,
  };
}

// Places in the projection, an encoder and a decoder that see one patch at a time: what the printed loop describes.
const reconstruction = (w: ReconstructionWeights): Reconstruction => ({
  split: (X) => patchify(X, p),
  mask: chosen,
  VP: (P) => ({ tokens: add(matmul(P, w.varphi.proj!), w.varphi.place!) }),
  E: (tokens) => ({ visible: tanh(matmul(tokens, w.theta.encode!)) }),
  M: w.M,
  D: (H) => ({ pred: matmul(add(H, w.varphi.place!), w.phi.decode!) }),
  d: (pred, P) => mean(l2(pred, P)),
});
const reconstructionWeights = (): ReconstructionWeights => ({
  theta: { encode: weight("encode", W.encode) },
  phi: { decode: weight("decode", W.decode) },
  varphi: { proj: weight("proj", W.proj), place: weight("place", W.place) },
  M: weight("M", [1, 1, D]),
});

const contrastive = (w: ContrastWeights): Contrast => ({
  augment: (X, strength) => (strength === "weak" ? X : add(X, 0.1)),
  split: (X) => patchify(X, p),
  mask: () => chosen().mask,
  VP: (P) => matmul(P, w.varphi.proj!),
  E: (x) => tanh(matmul(add(x, w.theta.place!), w.theta.encode!)),
  M: w.M,
  d: (weak, strong) => mean(sum(infoNceOfPatches(weak, strong, 0.5), 1)),
});
const contrastWeights = (): ContrastWeights => ({
  theta: { encode: weight("encode", W.encode), place: weight("place", W.place) },
  varphi: { proj: weight("proj", W.proj) },
  M: weight("M", [1, 1, D]),
});

const draw = (name: keyof typeof W) => drawn(name, W[name], 0.2);
const plus = (a: Float64Array, b: Float64Array) => a.map((x, j) => x + b[j]!);

/** Every patch i of every image k. */
function* places(): Generator<{ k: number; i: number; masked: boolean }> {
  const { host } = chosen();
  for (let k = 0; k < N; k++) for (let i = 0; i < n; i++) yield { k, i, masked: host[k * n + i] === 1 };
}

/** x [r] times w [r, c]. */
const times = (x: ArrayLike<number>, w: Float64Array, c: number) =>
  Float64Array.from({ length: c }, (_, j) => Array.from(x).reduce((s, v, i) => s + v * w[i * c + j]!, 0));

/** Patch i of image k by the definition: rows, columns, channels. */
const patchOf = (k: number, i: number, shift = 0) => {
  const [row, column] = [Math.floor(i / (side / p)) * p, (i % (side / p)) * p];
  return Float64Array.from({ length: F }, (_, f) => {
    const [y, x, c] = [Math.floor(f / (p * 3)), Math.floor(f / 3) % p, f % 3];
    return toy[((k * 3 + c) * side + row + y) * side + column + x]! + shift;
  });
};

/** Six steps: every loss, and the last weights. */
async function descent<W extends Tree>(start: W, step: (weights: W) => { loss: Tensor; weights: W }) {
  let weights = start;
  const losses: number[] = [];
  for (let i = 0; i < 6; i++) {
    const next = scope(() => step(weights));
    losses.push((await read(next.loss))[0]!);
    weights = next.weights;
  }
  return { losses, weights };
}

async function expectAllMoved(before: Tree, after: Tree) {
  const old = leaves(before);
  for (const [i, x] of leaves(after).entries()) expect(await read(x)).not.toEqual(await read(old[i]!));
}

describe("Algorithm 1", () => {
  test("its loss is that of the printed loop, one patch after the other", async () => {
    const M = drawn("M", [D], 0.2);
    let sum = 0;
    for (const { k, i, masked } of places()) {
      const place = draw("place").slice(i * D, (i + 1) * D);
      const token = plus(times(patchOf(k, i), draw("proj"), D), place);
      const H = masked ? M : times(token, draw("encode"), D).map(Math.tanh);
      const pred = times(plus(H, place), draw("decode"), F);
      sum += pred.reduce((s, x, f) => s + (x - patchOf(k, i)[f]!) ** 2, 0) / F;
    }
    const { loss } = scope(() => algorithm1(reconstruction, reconstructionWeights(), images(), 0));
    expect((await read(loss))[0]).toBeCloseTo(sum / (N * n), 12);
  });

  test("moves every weight, and the loss falls", async () => {
    const before = reconstructionWeights();
    const { losses, weights } = await descent(before, (w) => algorithm1(reconstruction, w, images(), 1));
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!);
    await expectAllMoved(before, weights);
  });
});

describe("Algorithm 2", () => {
  test("its loss is that of the printed loop and Eq. (1)", async () => {
    const M = drawn("M", [D], 0.2);
    const E = (token: Float64Array, i: number) =>
      times(plus(token, draw("place").slice(i * D, (i + 1) * D)), draw("encode"), D).map(Math.tanh);
    const weak: Float64Array[] = [];
    const strong: Float64Array[] = [];
    for (const { k, i, masked } of places()) {
      weak.push(E(times(patchOf(k, i), draw("proj"), D), i));
      strong.push(E(masked ? M : times(patchOf(k, i, 0.1), draw("proj"), D), i));
    }
    const alike = (a: Float64Array, b: Float64Array) => Math.exp(a.reduce((s, x, j) => s + x * b[j]!, 0) / 0.5);
    let sum = 0;
    for (const { k, i } of places()) {
      const at = k * n + i;
      const all = weak.slice(k * n, (k + 1) * n).reduce((s, w) => s + alike(w, strong[at]!), 0);
      sum -= Math.log(alike(weak[at]!, strong[at]!) / all);
    }
    const { loss } = scope(() => algorithm2(contrastive, contrastWeights(), images(), 0));
    expect((await read(loss))[0]).toBeCloseTo(sum / N, 10);
  });

  test("moves every weight, and the loss falls", async () => {
    const before = contrastWeights();
    const { losses, weights } = await descent(before, (w) => algorithm2(contrastive, w, images(), 0.02));
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!);
    await expectAllMoved(before, weights);
  });

  test("a moving average may stand for the encoder of the intact view, and gets no gradient", async () => {
    const { loss, gradient } = scope(() => {
      const teacher = weight("teacher", [F, D]);
      const { value, grads } = valueAndGrad((held: Record<string, Tensor>) => {
        const models = { ...contrastive(contrastWeights()), teacher: (P: Tensor) => matmul(P, held.teacher!) };
        return [contrast(models, images()).loss, {}] as const;
      })({ teacher });
      return { loss: value, gradient: grads.teacher! };
    });
    expect((await read(loss))[0]).toBeGreaterThan(0);
    expect((await read(gradient)).every((g) => g === 0)).toBe(true);
  });
});
