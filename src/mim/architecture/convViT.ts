/**
 * Convolutions, then a transformer: two stages of depthwise convolutions at fine scales and one of attention at the coarse
 * one. Gao et al. 2022 (MCMAE, released as ConvMAE), §3. The mask of the coarse scale is enlarged to the fine ones, where
 * each convolution sees its input with hidden places set to zero; the transformer sees visible places alone; maps of the
 * fine stages are reduced and added to its output.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, broadcastTo, concat, gather, gelu, mul, reshape, sumOf, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { channelNorm, enlarged } from "./convNext.ts";

export interface ConvViT {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  /** Side by which each of the three stages makes its input coarser; 4, 2, 2 in the paper. */
  readonly patchSizes: readonly [number, number, number];
  readonly dims: readonly [number, number, number];
  /** Blocks of each stage. */
  readonly depths: readonly [number, number, number];
  /** Of the attention. */
  readonly heads: number;
  /** Hidden width of a block's MLP over its width, stage by stage; 4 unless given. The decoder takes the first. */
  readonly mlpRatios?: readonly [number, number, number];
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  /** Of the transformer's and the decoder's layer normalisations; those of the convolutional stages have 1e-5. */
  readonly eps: number;
}

const CONV_EPS = 1e-5;

/** Pixels along a side of a token. */
export const tokenSide = (c: ConvViT): number => c.patchSizes[0] * c.patchSizes[1] * c.patchSizes[2];

/** Tokens down and across, and their number. */
export function tokenGrid(c: ConvViT): { readonly h: number; readonly w: number; readonly L: number } {
  const [h, w] = [c.imageSize[0] / tokenSide(c), c.imageSize[1] / tokenSide(c)];
  return { h, w, L: h * w };
}

const mlpRatioOf = (c: ConvViT, stage: 0 | 1 | 2): number => c.mlpRatios?.[stage] ?? 4;

function convBlockSpecs(c: ConvViT, name: string, stage: 0 | 1): ParamSpecs {
  const D = c.dims[stage];
  const hidden = Math.floor(D * mlpRatioOf(c, stage));
  return {
    ...layerNormSpecs(`${name}.norm1`, D),
    ...convolutionSpecs(`${name}.conv1`, D, D, [1, 1]),
    ...convolutionSpecs(`${name}.conv2`, D, D, [1, 1]),
    ...convolutionSpecs(`${name}.attn`, 1, D, [5, 5]),
    ...layerNormSpecs(`${name}.norm2`, D),
    ...convolutionSpecs(`${name}.mlp.fc1`, D, hidden, [1, 1]),
    ...convolutionSpecs(`${name}.mlp.fc2`, hidden, D, [1, 1]),
  };
}

const many = (n: number, specs: (i: number) => ParamSpecs): ParamSpecs =>
  Object.assign({}, ...Array.from({ length: n }, (_, i) => specs(i)));

export function convViTSpecs(c: ConvViT): ParamSpecs {
  const { h, w, L } = tokenGrid(c);
  const [p1, p2, p3] = c.patchSizes;
  const [D1, D2, D3] = c.dims;
  const D = c.decoderDim;
  const embed = (i: number, inner: number, out: number, p: number): ParamSpecs => ({
    ...convolutionSpecs(`patch_embed${i}.proj`, inner, out, [p, p]),
    ...layerNormSpecs(`patch_embed${i}.norm`, out),
  });
  return {
    ...embed(1, c.channels, D1, p1),
    ...embed(2, D1, D2, p2),
    ...embed(3, D2, D3, p3),
    ...linearSpecs("patch_embed4", D3, D3),
    ...convolutionSpecs("stage1_output_decode", D1, D3, [p2 * p3, p2 * p3]),
    ...convolutionSpecs("stage2_output_decode", D2, D3, [p3, p3]),
    pos_embed: { shape: [1, L, D3], init: { values: sinCos2d(D3, h, w) }, trainable: false },
    ...many(c.depths[0], (i) => convBlockSpecs(c, `blocks1.${i}`, 0)),
    ...many(c.depths[1], (i) => convBlockSpecs(c, `blocks2.${i}`, 1)),
    ...many(c.depths[2], (i) => blockSpecs(`blocks3.${i}`, { D: D3, mlpRatio: mlpRatioOf(c, 2) })),
    ...layerNormSpecs("norm", D3),
    ...linearSpecs("decoder_embed", D3, D),
    mask_token: { shape: [1, 1, D], init: { normal: 0.02 } },
    decoder_pos_embed: { shape: [1, L, D], init: { values: sinCos2d(D, h, w) }, trainable: false },
    ...many(c.decoderDepth, (i) => blockSpecs(`decoder_blocks.${i}`, { D, mlpRatio: mlpRatioOf(c, 0) })),
    ...layerNormSpecs("decoder_norm", D),
    ...linearSpecs("decoder_pred", D, tokenSide(c) ** 2 * c.channels),
  };
}

/** Patches embedded by a convolution, normalised, through GELU. */
const embedded = (p: Params, name: string, x: Tensor, stride: number): Tensor =>
  gelu(channelNorm(p, `${name}.norm`, convolution(p, `${name}.proj`, x, { stride }), CONV_EPS));

/**
 * Masked convolution block, x [N, D, H, W]: a depthwise 5 x 5 convolution between two pointwise ones in the place of
 * attention; with `active` [N, 1, f, f] it reads zeros where cells are hidden.
 */
export function convBlock(p: Params, name: string, x: Tensor, active?: Tensor): Tensor {
  const inner = convolution(p, `${name}.conv1`, channelNorm(p, `${name}.norm1`, x, CONV_EPS));
  const seen = active ? mul(inner, enlarged(active, x.shape[2]!)) : inner;
  const around = convolution(p, `${name}.attn`, seen, { padding: 2, groups: x.shape[1]! });
  const mixed = add(x, convolution(p, `${name}.conv2`, around));
  const hidden = gelu(convolution(p, `${name}.mlp.fc1`, channelNorm(p, `${name}.norm2`, mixed, CONV_EPS)));
  return add(mixed, convolution(p, `${name}.mlp.fc2`, hidden));
}

/** What the encoder makes: its latents, and the maps of the two convolutional stages. */
export interface ConvEncoded {
  /** [N, K, D3], normalised. */
  readonly latent: Tensor;
  /** [N, D1, H1, W1] and [N, D2, H2, W2] */
  readonly maps: readonly [Tensor, Tensor];
}

/** Which tokens are seen: int32 [N, K], and the same as a map [N, 1, h, w], 1 where seen. */
export interface Visible {
  readonly idsKeep: Tensor;
  readonly active: Tensor;
}

/** Images [N, C, H, W] and what is visible of them (all when absent). */
export function encodeConvViT(c: ConvViT, p: Params, images: Tensor, visible?: Visible): ConvEncoded {
  let first = embedded(p, "patch_embed1", images, c.patchSizes[0]);
  for (let i = 0; i < c.depths[0]; i++) first = convBlock(p, `blocks1.${i}`, first, visible?.active);
  let second = embedded(p, "patch_embed2", first, c.patchSizes[1]);
  for (let i = 0; i < c.depths[1]; i++) second = convBlock(p, `blocks2.${i}`, second, visible?.active);
  const kept = (tokens: Tensor): Tensor => (visible ? gather(tokens, visible.idsKeep) : tokens);
  const third = tokensOf(embedded(p, "patch_embed3", second, c.patchSizes[2])); // [N, L, D3]
  let x = kept(add(linear(p, "patch_embed4", third), param(p, "pos_embed")));
  for (let i = 0; i < c.depths[2]; i++) x = block(p, `blocks3.${i}`, x, { heads: c.heads, eps: c.eps });
  const [fine, middle] = [c.patchSizes[1] * c.patchSizes[2], c.patchSizes[2]];
  const fused = sumOf(
    x,
    kept(tokensOf(convolution(p, "stage1_output_decode", first, { stride: fine }))),
    kept(tokensOf(convolution(p, "stage2_output_decode", second, { stride: middle }))),
  );
  return { latent: layerNorm(p, "norm", fused, c.eps), maps: [first, second] };
}

/** [N, D, h, w] -> [N, hw, D] */
const tokensOf = (map: Tensor): Tensor => transpose(reshape(map, [map.shape[0]!, map.shape[1]!, -1]), [0, 2, 1]);

/** Latents [N, K, D3] and int32 [N, L], the inverse of the shuffle -> predictions for every patch, [N, L, p²C]. */
export function decodeConvViT(c: ConvViT, p: Params, latent: Tensor, idsRestore: Tensor): Tensor {
  const [N, L] = idsRestore.shape as [number, number];
  const visible = linear(p, "decoder_embed", latent);
  const masks = broadcastTo(param(p, "mask_token"), [N, L - visible.shape[1]!, c.decoderDim]);
  let x = add(gather(concat([visible, masks], 1), idsRestore), param(p, "decoder_pos_embed"));
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `decoder_blocks.${i}`, x, { heads: c.decoderHeads, eps: c.eps });
  }
  return linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x, c.eps));
}
