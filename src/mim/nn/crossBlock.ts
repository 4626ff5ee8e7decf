import { add, type Tensor } from "../ops.ts";
import { attention, attentionSpecs } from "./attention.ts";
import { type BlockOptions, mlp } from "./block.ts";
import { crossAttention, crossAttentionSpecs } from "./crossAttention.ts";
import { layerNorm, layerNormSpecs } from "./layerNorm.ts";
import { linearSpecs } from "./linear.ts";
import type { ParamSpecs, Params } from "./params.ts";

/**
 * Transformer block whose tokens x [N, L, D] look at other tokens y [N, M, E], normalised by the caller: `norm1`,
 * `cross_attn`, `norm2`, `mlp`. Where `name.norm0.weight` exists, the tokens first look at one another (`norm0`,
 * `self_attn`). CrossMAE, transformer_utils.py.
 */
export function crossBlock(p: Params, name: string, x: Tensor, y: Tensor, options: BlockOptions): Tensor {
  const norm = (part: string, z: Tensor) => layerNorm(p, `${name}.${part}`, z, options.eps);
  const mixed = p[`${name}.norm0.weight`] ? add(x, attention(p, `${name}.self_attn`, norm("norm0", x), options).x) : x;
  const attended = add(mixed, crossAttention(p, `${name}.cross_attn`, norm("norm1", mixed), y, options.heads).x);
  return add(attended, mlp(p, `${name}.mlp`, norm("norm2", attended), options.activation));
}

/** x is D wide, y E wide. */
export const crossBlockSpecs = (
  name: string,
  { D, E, mlpRatio = 4, selfAttention = false }: { D: number; E: number; mlpRatio?: number; selfAttention?: boolean },
): ParamSpecs => ({
  ...(selfAttention && { ...layerNormSpecs(`${name}.norm0`, D), ...attentionSpecs(`${name}.self_attn`, D) }),
  ...layerNormSpecs(`${name}.norm1`, D),
  ...crossAttentionSpecs(`${name}.cross_attn`, D, E),
  ...layerNormSpecs(`${name}.norm2`, D),
  ...linearSpecs(`${name}.mlp.fc1`, D, Math.floor(D * mlpRatio)),
  ...linearSpecs(`${name}.mlp.fc2`, Math.floor(D * mlpRatio), D),
});
