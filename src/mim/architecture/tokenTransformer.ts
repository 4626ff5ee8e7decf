/**
 * Bidirectional transformer over discrete tokens. MaskGIT, Chang et al. 2022, §3.1: BERT (Devlin et al. 2019) on visual
 * tokens, normalisation after each sum, and scores by products with the token embeddings.
 */
import { attention } from "../nn/attention.ts";
import { blockSpecs, mlp } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, embed, gelu, geluTanh, matmul, reshape, slice, type Tensor, transpose } from "../ops.ts";

export interface TokenTransformer {
  /** V, number of codes; the mask is entry V. */
  readonly codes: number;
  /** L, tokens of a sequence. */
  readonly length: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Of every layer normalisation. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
}

export const tokenTransformerSpecs = (c: TokenTransformer): ParamSpecs => ({
  "embed.word_embeddings.weight": { shape: [c.codes + 1, c.dim], init: { normal: 0.02 } },
  "embed.position_embeddings.weight": { shape: [c.length, c.dim], init: { normal: 0.02 } },
  ...layerNormSpecs("embed.ln", c.dim),
  ...Object.assign({}, ...Array.from({ length: c.depth }, (_, i) => blockSpecs(`blocks.${i}`, { D: c.dim }))),
  ...linearSpecs("mlm.fc", c.dim, c.dim),
  ...layerNormSpecs("mlm.ln", c.dim),
  "mlm.bias": { shape: [c.length, c.codes + 1], init: { constant: 0 } },
});

/** Ids, int32 [N, L], the mask among them -> latents [N, L, D]. */
export function encodeSequence(c: TokenTransformer, p: Params, ids: Tensor): Tensor {
  const words = embed(param(p, "embed.word_embeddings.weight"), ids);
  let x = layerNorm(p, "embed.ln", add(words, param(p, "embed.position_embeddings.weight")), c.eps);
  for (let i = 0; i < c.depth; i++) {
    const name = `blocks.${i}`;
    const attended = add(x, attention(p, `${name}.attn`, x, { heads: c.heads }).x);
    const mixed = layerNorm(p, `${name}.norm1`, attended, c.eps);
    x = layerNorm(p, `${name}.norm2`, add(mixed, mlp(p, `${name}.mlp`, mixed, c.activation)), c.eps);
  }
  return x;
}

/** Latents [N, L, D] -> logits of the codes, [N, L, V]. */
export function codeLogits(c: TokenTransformer, p: Params, latent: Tensor): Tensor {
  const [N, L, D] = latent.shape as [number, number, number];
  const hidden = (c.activation === "geluTanh" ? geluTanh : gelu)(linear(p, "mlm.fc", latent));
  const flat = reshape(layerNorm(p, "mlm.ln", hidden, c.eps), [N * L, D]);
  const scores = matmul(flat, transpose(param(p, "embed.word_embeddings.weight")));
  return slice(add(reshape(scores, [N, L, c.codes + 1]), param(p, "mlm.bias")), 2, 0, c.codes);
}
