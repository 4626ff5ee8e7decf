/**
 * Decoder of DiffMAE, Wei et al. 2023, §3, its "cross" and "cross-self" kinds: noised patches, embedded by a layer of their own,
 * look at the encoder's clean visible ones. As in a U, its first block sees the encoder's last, later ones earlier blocks.
 * There is no release; names are those of CrossMAE's decoder, which differs in that its queries are mask tokens.
 */
import { crossBlock, crossBlockSpecs } from "../nn/crossBlock.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import {
  add,
  concat,
  cos,
  type DType,
  embed,
  expandDims,
  gelu,
  mul,
  reshape,
  select,
  sin,
  type Tensor,
  tensor,
} from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { type AsymmetricViT, blockOptions, blockShape, patchGrid } from "./asymmetricViT.ts";

export interface DenoisingDecoder extends AsymmetricViT {
  /** Whether noised patches also look at one another ("cross-self"). */
  readonly selfAttention: boolean;
}

/** The encoder block, from 0, that a decoder block looks at: the last, then evenly spaced ones further down. */
export const linkedBlock = ({ depth, decoderDepth }: AsymmetricViT, i: number): number =>
  depth - 1 - Math.floor((i * depth) / decoderDepth);

export function denoisingDecoderSpecs(c: DenoisingDecoder): ParamSpecs {
  const { h, w, L } = patchGrid(c);
  const [D, F] = [c.decoderDim, c.patchSize ** 2 * c.channels];
  const blocks = Array.from({ length: c.decoderDepth }, (_, i) => i);
  return {
    ...linearSpecs("noisy_embed", F, D),
    ...linearSpecs("time_embed.0", D, D),
    ...linearSpecs("time_embed.2", D, D),
    decoder_pos_embed: { shape: [1, L, D], init: { values: sinCos2d(D, h, w) }, trainable: false },
    ...Object.assign(
      {},
      ...blocks.flatMap((i) => [
        layerNormSpecs(`dec_norms.${i}`, c.dim),
        crossBlockSpecs(`decoder_blocks.${i}`, { ...blockShape(c, D), E: c.dim, selfAttention: c.selfAttention }),
      ]),
    ),
    ...layerNormSpecs("decoder_norm", D),
    ...linearSpecs("decoder_pred", D, F),
  };
}

/**
 * Clean patches [N, M, p²C] told from noised ones [N, M, p²C], their places int32 [N, M], the step t [N] and the encoder's
 * blocks, each [N, 1 + K, E].
 */
export function decodeNoised(
  c: DenoisingDecoder,
  p: Params,
  { noised, ids, times }: { readonly noised: Tensor; readonly ids: Tensor; readonly times: Tensor },
  layers: readonly Tensor[],
): Tensor {
  const places = embed(select(param(p, "decoder_pos_embed"), 0, 0), ids); // [N, M, D']
  const hidden = gelu(linear(p, "time_embed.0", waves(times, c.decoderDim)));
  const moment = expandDims(linear(p, "time_embed.2", hidden), 1); // [N, 1, D']
  let x = add(add(linear(p, "noisy_embed", noised), places), moment);
  for (let i = 0; i < c.decoderDepth; i++) {
    const y = layerNorm(p, `dec_norms.${i}`, layers[linkedBlock(c, i)]!, c.eps);
    x = crossBlock(p, `decoder_blocks.${i}`, x, y, blockOptions(c, c.decoderHeads));
  }
  return linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x, c.eps));
}

/** Sine and cosine of a step at D / 2 wave lengths, [N] -> [N, D]. Ho et al. 2020, appendix B, after Vaswani et al. 2017. */
function waves(times: Tensor, D: number): Tensor {
  const half = D / 2;
  const rates = Float64Array.from({ length: half }, (_, k) => 10_000 ** (-k / half));
  const angles = mul(reshape(times, [-1, 1]), tensor(rates, [1, half], times.dtype as DType));
  return concat([sin(angles), cos(angles)], 1);
}
