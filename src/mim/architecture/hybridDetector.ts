/**
 * A masked autoencoder's encoder and decoder as the third stage of a detector. MIMDet, Fang et al. 2023, §3; models/mimdet.py: a
 * convolutional stem gives the finer maps and the tokens, the encoder sees a sample of the tokens, and the decoder fills in the
 * others from the stem's features, so that its map is whole. Parameters under `encoder.` and `decoder.`.
 */
import { block } from "../nn/block.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { maxPool } from "../nn/pooling.ts";
import {
  add,
  type DType,
  expandDims,
  gather,
  mul,
  oneHot,
  reshape,
  scatter,
  slice,
  sub,
  sum,
  type Tensor,
  transpose,
} from "../ops.ts";
import { type AsymmetricViT, blockOptions, decoderSpecs, encoderSpecs } from "./asymmetricViT.ts";
import { convStem, convStemSpecs, stemWidths } from "./convStem.ts";

/** Its patch size is 2 to the power of `stemLayers`. */
export interface HybridDetector extends AsymmetricViT {
  readonly stemLayers: number;
  /** Of the decoder's layer normalisations; as the encoder's unless given. */
  readonly decoderEps?: number;
}

const stemOf = (c: HybridDetector) => ({ channels: c.channels, dim: c.dim, layers: c.stemLayers });

/** Without MAE's class token, patch embedding, mask token and prediction; its position tables keep the class token's row. */
export function hybridSpecs(c: HybridDetector): ParamSpecs {
  const kept = (specs: ParamSpecs, prefix: string, left: RegExp) =>
    Object.fromEntries(
      Object.entries(specs).flatMap(([name, spec]) => (left.test(name) ? [] : [[prefix + name, spec]])),
    );
  return {
    ...kept(encoderSpecs(c), "encoder.", /^(cls_token|patch_embed)/),
    ...convStemSpecs(stemOf(c), "encoder.patch_embed"),
    ...kept(decoderSpecs(c), "decoder.", /^(mask_token|decoder_pred)/),
    ...linearSpecs("decoder.conv_feat_proj", c.dim, c.decoderDim),
  };
}

/** Widths of the maps of `hybridMaps`, finest first. */
export const hybridWidths = (c: HybridDetector): number[] => [
  ...stemWidths(stemOf(c)).slice(1, -1),
  c.decoderDim,
  c.decoderDim,
];

/**
 * Images [N, C, H, W] and the tokens of the sample, int32 [N, K] (all without) -> the stem's maps from stride 4 on, the decoder's
 * map, and that at half its size.
 */
export function hybridMaps(c: HybridDetector, p: Params, images: Tensor, idsKeep?: Tensor) {
  const stem = convStem(stemOf(c), p, "encoder.patch_embed", images);
  const { latent, map } = partialStage(c, p, stem.at(-1)!, idsKeep);
  return { latent, maps: [...stem.slice(0, -1), map, maxPool(map, [2, 2])] };
}

/** The stem's last map [N, D, h, w] -> latents of the sampled tokens [N, K, D], and the decoder's map [N, D', h, w]. */
export function partialStage(c: HybridDetector, p: Params, last: Tensor, idsKeep?: Tensor) {
  const [N, D, h, w] = last.shape as [number, number, number, number];
  const tokens = transpose(reshape(last, [N, D, h * w]), [0, 2, 1]); // [N, L, D]
  const placed = add(tokens, slice(param(p, "encoder.pos_embed"), 1, 1));
  let x = idsKeep ? gather(placed, idsKeep) : placed; // [N, K, D]
  for (let i = 0; i < c.depth; i++) x = block(p, `encoder.blocks.${i}`, x, blockOptions(c, c.heads));
  const latent = layerNorm(p, "encoder.norm", x, c.eps);
  const embedded = linear(p, "decoder.decoder_embed", latent); // [N, K, D']
  const whole = idsKeep ? filled(p, embedded, tokens, idsKeep) : embedded; // [N, L, D']
  const decoderOptions = { ...blockOptions(c, c.decoderHeads), eps: c.decoderEps ?? c.eps };
  let y = add(whole, slice(param(p, "decoder.decoder_pos_embed"), 1, 1));
  for (let i = 0; i < c.decoderDepth; i++) y = block(p, `decoder.decoder_blocks.${i}`, y, decoderOptions);
  const normed = layerNorm(p, "decoder.decoder_norm", y, decoderOptions.eps);
  return { latent, map: reshape(transpose(normed, [0, 2, 1]), [N, c.decoderDim, h, w]) };
}

/** Embedded latents at the sampled places, projected features of the stem at all others. */
function filled(p: Params, embedded: Tensor, tokens: Tensor, idsKeep: Tensor): Tensor {
  const L = tokens.shape[1]!;
  const seen = sum(oneHot(idsKeep, L, tokens.dtype as DType), 1); // [N, L], 1 where sampled
  const projected = linear(p, "decoder.conv_feat_proj", tokens);
  return add(scatter(embedded, idsKeep, L), mul(projected, expandDims(sub(1, seen), -1)));
}
