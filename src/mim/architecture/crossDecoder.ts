/**
 * Decoder of CrossMAE: mask tokens look at the encoder's features and, unless asked, not at one another, so that any
 * subset of the hidden patches can be predicted alone. Each block may look at a learned mixture of the encoder's layers.
 */
import { crossBlock, crossBlockSpecs } from "../nn/crossBlock.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, embed, matmul, reshape, select, slice, stack, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { type AsymmetricViT, blockOptions, blockShape, patchGrid } from "./asymmetricViT.ts";

export interface CrossDecoder extends AsymmetricViT {
  /** Whether each decoder block mixes the encoder's feature maps; otherwise all look at the last one, normalised. */
  readonly mixedFeatures: boolean;
  /** Encoder blocks whose output is mixed, negative ones from the end; [-1] alone means all. */
  readonly featureMaps: readonly number[];
  /** Whether the encoder's input is mixed too. */
  readonly mixedInput: boolean;
  /** Whether mask tokens also look at one another. */
  readonly selfAttention: boolean;
}

/** Numbers of the encoder blocks whose output is mixed. */
export const mixedBlocks = ({ featureMaps, depth }: CrossDecoder): number[] =>
  featureMaps.length === 1 && featureMaps[0] === -1
    ? Array.from({ length: depth }, (_, i) => i)
    : featureMaps.map((i) => (i < 0 ? depth + i : i));

export function crossDecoderSpecs(c: CrossDecoder): ParamSpecs {
  const { h, w, L } = patchGrid(c);
  const D = c.decoderDim;
  const blocks = Array.from({ length: c.decoderDepth }, (_, i) => i);
  const K = mixedBlocks(c).length + (c.mixedInput ? 1 : 0);
  return {
    mask_token: { shape: [1, 1, D], init: { normal: 0.02 } },
    decoder_pos_embed: { shape: [1, L + 1, D], init: { values: sinCos2d(D, h, w, { cls: true }) }, trainable: false },
    ...(c.mixedFeatures && {
      ...Object.assign({}, ...blocks.map((i) => layerNormSpecs(`dec_norms.${i}`, c.dim))),
      ...linearSpecs("wfm.linear", K, c.decoderDepth, { bias: false }),
    }),
    ...Object.assign(
      {},
      ...blocks.map((i) =>
        crossBlockSpecs(`decoder_blocks.${i}`, { ...blockShape(c, D), E: c.dim, selfAttention: c.selfAttention }),
      ),
    ),
    ...layerNormSpecs("decoder_norm", D),
    ...linearSpecs("decoder_pred", D, c.predicted ?? c.patchSize ** 2 * c.channels),
  };
}

/**
 * Predictions [N, M, F] for the patches idsPredict int32 [N, M]. `features` are the maps to mix, each [N, 1 + K, D], or the
 * one normalised latent.
 */
export function crossDecode(c: CrossDecoder, p: Params, features: readonly Tensor[], idsPredict: Tensor): Tensor {
  const positions = select(slice(param(p, "decoder_pos_embed"), 1, 1), 0, 0); // [L, D']
  let x = add(embed(positions, idsPredict), param(p, "mask_token")); // [N, M, D']
  const [latent] = features as [Tensor];
  for (let i = 0; i < c.decoderDepth; i++) {
    const y = c.mixedFeatures ? layerNorm(p, `dec_norms.${i}`, mixture(p, features, i), c.eps) : latent;
    x = crossBlock(p, `decoder_blocks.${i}`, x, y, blockOptions(c, c.decoderHeads));
  }
  return linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x, c.eps));
}

/** The feature maps weighted by row i of `wfm.linear.weight` [decoder blocks, maps]. */
function mixture(p: Params, features: readonly Tensor[], i: number): Tensor {
  const weights = transpose(slice(param(p, "wfm.linear.weight"), 0, i, i + 1)); // [maps, 1]
  const shape = features[0]!.shape;
  return reshape(matmul(reshape(stack(features, 3), [-1, features.length]), weights), shape);
}
