import { block, blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, broadcastTo, concat, select, sigmoid, type Tensor } from "../ops.ts";

export interface MaskingNet {
  /** Width of the tokens. */
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Of every layer normalisation. */
  readonly eps: number;
}

/**
 * A transformer that gives each patch a score between 0, to be hidden, and 1, to be kept: patch tokens x [N, L, D] ->
 * [N, L], all read from one class token. CL-MAE (Madan et al. 2024), MaskingNet of models_mae.py.
 */
export function maskingNet(p: Params, name: string, x: Tensor, { depth, heads, eps }: MaskingNet): Tensor {
  const [N, , D] = x.shape as [number, number, number];
  const cls = add(param(p, `${name}.cls_token`), param(p, `${name}.pos_embed`)); // [1, 1, D]
  let tokens = concat([broadcastTo(cls, [N, 1, D]), x], 1); // [N, 1 + L, D]
  for (let i = 0; i < depth; i++) tokens = block(p, `${name}.blocks.${i}`, tokens, { heads, eps });
  const read = layerNorm(p, `${name}.mlp_head.0`, select(tokens, 1, 0), eps); // [N, D]
  return sigmoid(linear(p, `${name}.mlp_head.1`, read)); // [N, L]
}

/** The position of its one token is a table of zeros, kept because released checkpoints hold it. */
export const maskingNetSpecs = (name: string, L: number, { dim, depth }: MaskingNet): ParamSpecs => ({
  [`${name}.cls_token`]: { shape: [1, 1, dim], init: { normal: 0.02 } },
  [`${name}.pos_embed`]: { shape: [1, 1, dim], init: { constant: 0 }, trainable: false },
  ...Object.assign({}, ...Array.from({ length: depth }, (_, i) => blockSpecs(`${name}.blocks.${i}`, { D: dim }))),
  ...layerNormSpecs(`${name}.mlp_head.0`, dim),
  ...linearSpecs(`${name}.mlp_head.1`, dim, L),
});
