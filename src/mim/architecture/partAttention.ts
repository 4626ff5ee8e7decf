import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import {
  add,
  div,
  matmul,
  mean,
  mul,
  reshape,
  select,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  transpose,
} from "../ops.ts";

/** What part attention gives. */
export interface Parts {
  /** Share of each patch that belongs to each part, [N, K, L]; they add up to 1 over the parts. */
  readonly maps: Tensor;
  /** Mean of the patches of each part, [N, K, D]. */
  readonly features: Tensor;
  /** For each patch the features of its parts, [N, L, D]. */
  readonly patches: Tensor;
}

/**
 * K part embeddings made from a class token by `name.embed` compete for the patches: tokens [N, 1 + L, D], class token
 * first. Keys are taken from the patches' mean, so that no part wins everywhere from the start. After SemMAE (Li et al.
 * 2022), semantic part learning, whose code is not released.
 */
export function partAttention(p: Params, name: string, tokens: Tensor, K: number): Parts {
  const [N, , D] = tokens.shape as [number, number, number];
  const queries = reshape(linear(p, `${name}.embed`, select(tokens, 1, 0)), [N, K, D]);
  const patches = slice(tokens, 1, 1); // [N, L, D]
  const keys = linear(p, `${name}.key`, sub(patches, mean(patches, 1, { keepdims: true })));
  const likeness = mul(matmul(queries, transpose(keys, [0, 2, 1])), D ** -0.5); // [N, K, L]
  const maps = softmax(likeness, 1);
  const weights = div(maps, add(sum(maps, 2, { keepdims: true }), 1e-6));
  const features = matmul(weights, patches); // [N, K, D]
  return { maps, features, patches: matmul(transpose(maps, [0, 2, 1]), features) };
}

export const partAttentionSpecs = (name: string, D: number, K: number): ParamSpecs => ({
  ...linearSpecs(`${name}.embed`, D, K * D),
  ...linearSpecs(`${name}.key`, D, D),
});
