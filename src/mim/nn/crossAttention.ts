import { reshape, select, type Tensor, transpose } from "../ops.ts";
import { type Attended, scaledDotProduct } from "./attention.ts";
import { linear, linearSpecs } from "./linear.ts";
import type { ParamSpecs, Params } from "./params.ts";

/**
 * Multi-head attention of tokens x [N, L, D] to other tokens y [N, M, E]. Vaswani et al. 2017, §3.2.3. `name.q` makes the
 * queries, one matrix `name.kv` the keys and values; weights are [N, heads, L, M].
 */
export function crossAttention(p: Params, name: string, x: Tensor, y: Tensor, heads: number): Attended {
  const [N, L, D] = x.shape as [number, number, number];
  const M = y.shape[1] as number;
  const d = D / heads;
  const q = transpose(reshape(linear(p, `${name}.q`, x), [N, L, heads, d]), [0, 2, 1, 3]); // [N, heads, L, d]
  const kv = transpose(reshape(linear(p, `${name}.kv`, y), [N, M, 2, heads, d]), [2, 0, 3, 1, 4]); // [2, N, heads, M, d]
  const { y: mixed, weights } = scaledDotProduct(q, select(kv, 0, 0), select(kv, 0, 1));
  return { x: linear(p, `${name}.proj`, reshape(transpose(mixed, [0, 2, 1, 3]), [N, L, D])), weights };
}

export const crossAttentionSpecs = (name: string, D: number, E: number): ParamSpecs => ({
  ...linearSpecs(`${name}.q`, D, D),
  ...linearSpecs(`${name}.kv`, E, 2 * D),
  ...linearSpecs(`${name}.proj`, D, D),
});
