import { beforeAll, describe, expect, test } from "vitest";
import { convolve, convolveTransposed } from "../../../src/mim/nn/convolution.ts";
import { mul, readSync, scope, start, sum, type Tensor, tensor, valueAndGrad } from "../../../src/mim/ops.ts";
import { fold, keyOf, normals } from "../../../src/mim/toy/random.ts";

beforeAll(async () => {
  await start();
});

interface Case {
  readonly x: number[];
  readonly w: number[];
  readonly stride: number[];
  readonly padding: number[];
  readonly dilation: number[];
  readonly groups: number;
  readonly extra?: number[];
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const draw = (shape: readonly number[], name: string) => Float64Array.from(normals(fold(keyOf(7), name), size(shape)));
const strides = (shape: readonly number[]) => shape.map((_, a) => size(shape.slice(a + 1)));
function* places(shape: readonly number[]): Generator<number[]> {
  for (let i = 0; i < size(shape); i++) {
    yield strides(shape).map((s, a) => Math.floor(i / s) % shape[a]!);
  }
}
const at = (shape: readonly number[], index: readonly number[]) =>
  index.reduce((sum, i, a) => sum + i * strides(shape)[a]!, 0);

/** The definition: every input, every tap, the output that the two meet in; `spread` for the transposed one. */
function oracle(
  c: Case,
  x: Float64Array,
  W: Float64Array,
  transposed: boolean,
): { shape: number[]; data: Float64Array } {
  const [N, C, ...S] = c.x as [number, number, ...number[]];
  const kernel = c.w.slice(2);
  const out = transposed ? c.w[1]! * c.groups : c.w[0]!;
  const O = S.map((s, a) =>
    transposed
      ? (s - 1) * c.stride[a]! - 2 * c.padding[a]! + c.dilation[a]! * (kernel[a]! - 1) + 1 + (c.extra?.[a] ?? 0)
      : Math.floor((s + 2 * c.padding[a]! - c.dilation[a]! * (kernel[a]! - 1) - 1) / c.stride[a]!) + 1,
  );
  const shape = [N, out, ...O];
  const data = new Float64Array(size(shape));
  const small = transposed ? S : O; // the axis that the stride walks on
  for (const [n, o, ...p] of places([N, out, ...small])) {
    for (const [i, ...k] of places([C / c.groups, ...kernel])) {
      const q = p.map((v, a) => v * c.stride[a]! + k[a]! * c.dilation[a]! - c.padding[a]!);
      const group = Math.floor(o! / (out / c.groups));
      const channel = group * (C / c.groups) + i!;
      if (q.some((v, a) => v < 0 || v >= (transposed ? O : S)[a]!)) continue;
      if (transposed)
        data[at(shape, [n!, o!, ...q])]! +=
          x[at(c.x, [n!, channel, ...p])]! * W[at(c.w, [channel, o! % (out / c.groups), ...k])]!;
      else data[at(shape, [n!, o!, ...p])]! += x[at(c.x, [n!, channel, ...q])]! * W[at(c.w, [o!, i!, ...k])]!;
    }
  }
  return { shape, data };
}

const forward: Case[] = [
  { x: [2, 3, 7, 6], w: [4, 3, 3, 2], stride: [1, 1], padding: [1, 0], dilation: [1, 1], groups: 1 },
  { x: [1, 4, 9, 8], w: [6, 2, 3, 3], stride: [2, 3], padding: [1, 2], dilation: [1, 2], groups: 2 },
  { x: [2, 5, 8, 7], w: [5, 1, 5, 3], stride: [2, 1], padding: [2, 1], dilation: [1, 2], groups: 5 },
  { x: [1, 2, 9, 8], w: [3, 2, 4, 3], stride: [4, 3], padding: [0, 0], dilation: [1, 1], groups: 1 },
  { x: [1, 2, 5, 6, 4], w: [3, 2, 2, 3, 1], stride: [1, 2, 2], padding: [1, 1, 0], dilation: [2, 1, 1], groups: 1 },
  { x: [1, 2, 4, 6, 4], w: [3, 2, 2, 3, 2], stride: [2, 3, 2], padding: [0, 0, 0], dilation: [1, 1, 1], groups: 1 },
  { x: [2, 3, 9], w: [4, 3, 4], stride: [3], padding: [2], dilation: [2], groups: 1 },
];
const backward: Case[] = [
  { x: [2, 3, 4, 3], w: [3, 5, 4, 4], stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 1 },
  { x: [1, 4, 3, 4], w: [4, 3, 2, 3], stride: [3, 1], padding: [0, 1], dilation: [1, 2], groups: 2, extra: [2, 0] },
  { x: [1, 2, 2, 3, 2], w: [2, 3, 2, 2, 3], stride: [2, 1, 2], padding: [0, 1, 0], dilation: [1, 1, 1], groups: 1 },
];

const options = (c: Case) => ({
  stride: c.stride,
  padding: c.padding,
  dilation: c.dilation,
  groups: c.groups,
  outputPadding: c.extra ?? 0,
});
const run = (c: Case, transposed: boolean) => (x: Tensor, W: Tensor) =>
  transposed ? convolveTransposed(x, W, options(c)) : convolve(x, W, options(c));

describe.each([
  ["convolve", forward, false],
  ["convolveTransposed", backward, true],
] as const)("%s", (_, cases, transposed) => {
  test.each(cases)("equals the definition and its gradient the finite difference: $x by $w", (c) => {
    const [x, W] = [draw(c.x, "x"), draw(c.w, "w")];
    const want = oracle(c, x, W, transposed);
    scope(() => {
      const X = tensor(x, c.x, "float64");
      const Y = run(c, transposed)(X, tensor(W, c.w, "float64"));
      expect(Y.shape).toEqual(want.shape);
      readSync(Y).forEach((y, i) => expect(y).toBeCloseTo(want.data[i]!, 11));
      const weights = draw(want.shape, "v");
      const V = tensor(weights, want.shape, "float64");
      const { grads } = valueAndGrad((p: { x: Tensor; W: Tensor }) => [sum(mul(run(c, transposed)(p.x, p.W), V)), []])({
        x: X,
        W: tensor(W, c.w, "float64"),
      });
      const dot = (y: Float64Array) => y.reduce((s, v, i) => s + v * weights[i]!, 0);
      const moved = (a: Float64Array, i: number) => Float64Array.from(a, (v, j) => (j === i ? v + 1 : v)); // exact: it is linear
      const base = dot(want.data);
      for (const i of [0, 1, 5, x.length - 1])
        expect(readSync(grads.x)[i]).toBeCloseTo(dot(oracle(c, moved(x, i), W, transposed).data) - base, 9);
      for (const i of [0, 1, 5, W.length - 1])
        expect(readSync(grads.W)[i]).toBeCloseTo(dot(oracle(c, x, moved(W, i), transposed).data) - base, 9);
      return [];
    });
  });
});

test("a weight for other channels is refused with both shapes", () => {
  scope(() => {
    expect(() =>
      convolve(tensor(new Float32Array(16), [1, 1, 4, 4]), tensor(new Float32Array(18), [1, 2, 3, 3])),
    ).toThrow(/expected x \[N, 2, 2 axes\] for weight \[1,2,3,3\] in 1 groups, found \[1,1,4,4\]/);
    return [];
  });
});
