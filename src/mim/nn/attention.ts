import { add, concat, matmul, mul, reshape, select, softmax, type Tensor, transpose, zerosLike } from "../ops.ts";
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
 * values; its bias is `name.qkv.bias` or, as in BEiT, `name.q_bias` and `name.v_bias` with none for the keys.
 */
export function attention(p: Params, name: string, x: Tensor, { heads, bias }: AttentionOptions): Attended {
  const [N, L] = x.shape as [number, number, number];
  const qkv = addQvBias(p, name, linear(p, `${name}.qkv`, x));
  const inner = (qkv.shape[2] as number) / 3;
  const d = inner / heads;
  const split = transpose(reshape(qkv, [N, L, 3, heads, d]), [2, 0, 3, 1, 4]); // [3, N, heads, L, d]
  const [q, k, v] = [select(split, 0, 0), select(split, 0, 1), select(split, 0, 2)];
  const { y, weights } = scaledDotProduct(q, k, v, bias);
  return { x: linear(p, `${name}.proj`, reshape(transpose(y, [0, 2, 1, 3]), [N, L, inner])), weights };
}

/** softmax(q kᵀ / √d + bias) v; q [N, heads, L, d], k and v [N, heads, M, d]. */
export function scaledDotProduct(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  bias?: Tensor,
): { readonly y: Tensor; readonly weights: Tensor } {
  const d = q.shape[3] as number;
  const products = matmul(mul(q, d ** -0.5), transpose(k, [0, 1, 3, 2]));
  const weights = softmax(bias ? add(products, bias) : products, -1);
  return { y: matmul(weights, v), weights };
}

function addQvBias(p: Params, name: string, qkv: Tensor): Tensor {
  const q = p[`${name}.q_bias`];
  if (!q) return qkv;
  return add(qkv, concat([q, zerosLike(q), param(p, `${name}.v_bias`)], 0));
}

/** `qkvBias` "qv" gives queries and values a bias and keys none. */
export const attentionSpecs = (name: string, D: number, qkvBias: boolean | "qv" = true): ParamSpecs => ({
  ...linearSpecs(`${name}.qkv`, D, 3 * D, { bias: qkvBias === true }),
  ...(qkvBias === "qv" && {
    [`${name}.q_bias`]: { shape: [D], init: { constant: 0 } },
    [`${name}.v_bias`]: { shape: [D], init: { constant: 0 } },
  }),
  ...linearSpecs(`${name}.proj`, D, D),
});
