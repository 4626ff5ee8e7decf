import {
  add,
  cast,
  concat,
  type DType,
  matmul,
  mul,
  pad,
  reshape,
  select,
  settle,
  slice,
  softmax,
  type Tensor,
  tensor,
  transpose,
  zerosLike,
} from "../ops.ts";
import { linear, linearSpecs } from "./linear.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

export interface AttentionOptions {
  readonly heads: number;
  /** Added to the scaled products before the softmax, broadcast to [N, heads, L, L]: relative positions, window masks. */
  readonly bias?: Tensor;
}

/** What attention gives: the new tokens and the weights that made them. */
export interface Attended {
  /** [N, L, D] */
  readonly x: Tensor;
  /** [N, heads, L, L], rows sum to 1. */
  readonly weights: Tensor;
}

/**
 * Multi-head self-attention, x [N, L, D]. Vaswani et al. 2017, §3.2.2. One matrix `name.qkv` makes queries, keys and
 * values; its bias is `name.qkv.bias` or, as in BEiT, `name.q_bias` and `name.v_bias` with none for the keys. Where a
 * checkpoint has three layers instead, `name.q`, `name.k` and `name.v`, they are joined first.
 */
export function attention(p: Params, name: string, x: Tensor, { heads, bias }: AttentionOptions): Attended {
  const [N, L] = x.shape as [number, number, number];
  const qkv = addQvBias(p, name, linear(joinedQkv(p, name), `${name}.qkv`, x));
  const inner = (qkv.shape[2] as number) / 3;
  const d = inner / heads;
  const split = transpose(reshape(qkv, [N, L, 3, heads, d]), [2, 0, 3, 1, 4]); // [3, N, heads, L, d]
  const [q, k, v] = [select(split, 0, 0), select(split, 0, 1), select(split, 0, 2)];
  const { y, weights } = scaledDotProduct(q, k, v, bias);
  return { x: linear(p, `${name}.proj`, settle(reshape(transpose(y, [0, 2, 1, 3]), [N, L, inner]))), weights };
}

/** softmax(q kᵀ / √d + bias) v; q [N, heads, L, d], k and v [N, heads, M, d]. */
export function scaledDotProduct(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  bias?: Tensor,
): { readonly y: Tensor; readonly weights: Tensor } {
  const [, , L, d] = q.shape as [number, number, number, number];
  const M = k.shape[2] as number;
  const products = matmul(fillRows(mul(q, d ** -0.5)), transpose(fillRows(k), [0, 1, 3, 2])); // [N, heads, L⁺, M⁺]
  const weights = softmax(withBias(products, L, M, bias), -1);
  const y = matmul(weights, fillRows(v));
  return { y: slice(y, 2, 0, L), weights: slice(slice(weights, 2, 0, L), 3, 0, M) };
}

/** Rows of zeros up to a multiple of four, the width of a SIMD register: the engine multiplies odd sizes one by one. */
function fillRows(x: Tensor): Tensor {
  const rows = x.shape[2] as number;
  const missing = -rows & 3;
  if (missing === 0) return x;
  const widths = [
    [0, 0],
    [0, 0],
    [0, missing],
    [0, 0],
  ] as const;
  return settle(pad(x, widths));
}

/** Products with the bias added, and those of filled-in keys so low that they get no weight. */
function withBias(products: Tensor, L: number, M: number, bias?: Tensor): Tensor {
  const [rows, columns] = products.shape.slice(2) as [number, number];
  const whole = bias && rows * columns !== L * M ? fillBias(bias, rows, columns) : bias;
  const biased = whole ? add(products, whole) : products;
  if (columns === M) return biased;
  const hidden = Float32Array.from({ length: columns }, (_, key) => (key < M ? 0 : -1e9));
  return add(biased, cast(tensor(hidden, [1, 1, 1, columns]), products.dtype as DType));
}

function fillBias(bias: Tensor, rows: number, columns: number): Tensor {
  const [h, w] = bias.shape.slice(-2) as [number, number];
  const widths = bias.shape.map((): [number, number] => [0, 0]);
  widths[bias.ndim - 2] = [0, h === 1 ? 0 : rows - h];
  widths[bias.ndim - 1] = [0, w === 1 ? 0 : columns - w];
  return pad(bias, widths);
}

function joinedQkv(p: Params, name: string): Params {
  if (p[`${name}.qkv.weight`]) return p;
  const join = (of: string): Tensor =>
    concat(
      ["q", "k", "v"].map((layer) => param(p, `${name}.${layer}.${of}`)),
      0,
    );
  return {
    [`${name}.qkv.weight`]: join("weight"),
    ...(p[`${name}.q.bias`] && { [`${name}.qkv.bias`]: join("bias") }),
  };
}

function addQvBias(p: Params, name: string, qkv: Tensor): Tensor {
  const q = p[`${name}.q_bias`];
  if (!q) return qkv;
  return add(qkv, concat([q, zerosLike(q), param(p, `${name}.v_bias`)], 0));
}

/** How queries, keys and values are biased: "qv" gives keys none; "apart" makes three layers of them, biased or not. */
export type QkvBias = boolean | "qv" | "apart" | "apart, none";

export const attentionSpecs = (name: string, D: number, qkvBias: QkvBias = true): ParamSpecs => ({
  ...(qkvBias === "apart" || qkvBias === "apart, none"
    ? Object.assign(
        {},
        ...["q", "k", "v"].map((layer) => linearSpecs(`${name}.${layer}`, D, D, { bias: qkvBias === "apart" })),
      )
    : linearSpecs(`${name}.qkv`, D, 3 * D, { bias: qkvBias === true })),
  ...(qkvBias === "qv" && {
    [`${name}.q_bias`]: { shape: [D], init: { constant: 0 } },
    [`${name}.v_bias`]: { shape: [D], init: { constant: 0 } },
  }),
  ...linearSpecs(`${name}.proj`, D, D),
});
