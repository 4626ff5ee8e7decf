/**
 * Encoder and decoder of MAGE on discrete tokens. The encoder sees the class entry and the tokens left in; the decoder sees
 * every place, those without a visible token filled with the encoded class token, and scores the whole vocabulary by
 * products with the token embeddings, which are held. Li et al. 2023, LTH14/mage, models_mage.py.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, embed, gather, gelu, matmul, stopGradient, type Tensor, transpose } from "../ops.ts";
import { patchGrid } from "./asymmetricViT.ts";

export interface GenerativeEncoder {
  readonly imageSize: readonly [number, number];
  /** Pixels to a token's side. */
  readonly patchSize: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpRatio?: number;
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
  /** V, number of the tokenizer's codes. */
  readonly codes: number;
  /** Entries of the vocabulary between the codes and the mask, 1,000 classes in the released code. */
  readonly classEntries: number;
  /** Which of them stands for "no class". */
  readonly noClass: number;
}

/** Codes, class entries and the mask, which is the last. */
export const vocabulary = (c: GenerativeEncoder): number => c.codes + c.classEntries + 1;

export const generativeEncoderSpecs = (c: GenerativeEncoder): ParamSpecs => ({
  ...embeddingSpecs(c),
  ...blocksSpecs("blocks", c.depth, c.dim, c.mlpRatio),
  ...layerNormSpecs("norm", c.dim),
  ...linearSpecs("decoder_embed", c.dim, c.decoderDim),
  decoder_pos_embed_learned: { shape: [1, patchGrid(c).L + 1, c.decoderDim], init: { normal: 0.02 } },
  ...blocksSpecs("decoder_blocks", c.decoderDepth, c.decoderDim, c.mlpRatio),
  ...layerNormSpecs("decoder_norm", c.decoderDim),
  "mlm_layer.bias": { shape: [1, 1, vocabulary(c)], init: { constant: 0 } },
  ...linearSpecs("mlm_layer.fc", c.decoderDim, c.dim),
  ...layerNormSpecs("mlm_layer.ln", c.dim),
});

/** Ids and places, int32 [N, T] each -> latents [N, T, D], normalised. */
export function encodeIds(c: GenerativeEncoder, p: Params, ids: Tensor, places: Tensor): Tensor {
  const words = embed(param(p, "token_emb.word_embeddings.weight"), ids);
  const placed = add(words, embed(param(p, "token_emb.position_embeddings.weight"), places));
  let x = layerNorm(p, "token_emb.LayerNorm", placed, 1e-6);
  for (let i = 0; i < c.depth; i++) x = block(p, `blocks.${i}`, x, blockOptions(c, c.heads));
  return layerNorm(p, "norm", x, c.eps);
}

/** Latents [N, T, D] and for each place the latent to put there, int32 [N, 1 + L] -> logits [N, 1 + L, vocabulary]. */
export function decodeLatent(c: GenerativeEncoder, p: Params, latent: Tensor, sources: Tensor): Tensor {
  const filled = gather(linear(p, "decoder_embed", latent), sources); // [N, 1 + L, D']
  let x = add(filled, param(p, "decoder_pos_embed_learned"));
  for (let i = 0; i < c.decoderDepth; i++) x = block(p, `decoder_blocks.${i}`, x, blockOptions(c, c.decoderHeads));
  const hidden = gelu(linear(p, "mlm_layer.fc", layerNorm(p, "decoder_norm", x, c.eps)));
  const words = stopGradient(param(p, "token_emb.word_embeddings.weight")); // [vocabulary, D]
  return add(matmul(layerNorm(p, "mlm_layer.ln", hidden, 1e-5), transpose(words)), param(p, "mlm_layer.bias"));
}

const blockOptions = (c: GenerativeEncoder, heads: number) => ({
  heads,
  eps: c.eps,
  ...(c.activation && { activation: c.activation }),
});

const embeddingSpecs = (c: GenerativeEncoder): ParamSpecs => ({
  "token_emb.word_embeddings.weight": { shape: [vocabulary(c), c.dim], init: { normal: 0.02 } },
  "token_emb.position_embeddings.weight": { shape: [patchGrid(c).L + 1, c.dim], init: { normal: 0.02 } },
  ...layerNormSpecs("token_emb.LayerNorm", c.dim),
});

const blocksSpecs = (name: string, depth: number, D: number, mlpRatio?: number): ParamSpecs =>
  Object.assign(
    {},
    ...Array.from({ length: depth }, (_, i) => blockSpecs(`${name}.${i}`, { D, ...(mlpRatio && { mlpRatio }) })),
  );
