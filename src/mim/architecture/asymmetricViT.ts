/**
 * Asymmetric encoder and decoder of MAE. He et al. 2022, §3; survey §2.1, Algorithm 1, steps 3 to 8. The encoder sees the
 * visible patches alone; a lighter decoder receives their latents and a mask token for every hidden patch.
 */
import type { QkvBias } from "../nn/attention.ts";
import { block, blockSpecs, blockWithAttention } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpec, type ParamSpecs, type Params, param } from "../nn/params.ts";
import { embedPatches, patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { add, broadcastTo, concat, gather, mean, slice, type Tensor } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { withMaskTokens } from "./withMaskTokens.ts";

export interface AsymmetricViT {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden width of a block's MLP over its width; 4 unless given. */
  readonly mlpRatio?: number;
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  /** Of every layer normalisation. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
  /** False leaves out the class token, and with it the first row of the position tables. */
  readonly classToken?: false;
  /** Values that the decoder predicts for a patch; p²C unless given. */
  readonly predicted?: number;
  /** How queries, keys and values are biased; all of them unless given. */
  readonly qkvBias?: QkvBias;
}

/** Patches down and across, and their number L. */
export function patchGrid(c: { imageSize: readonly [number, number]; patchSize: number }): {
  h: number;
  w: number;
  L: number;
} {
  const [h, w] = [c.imageSize[0] / c.patchSize, c.imageSize[1] / c.patchSize];
  return { h, w, L: h * w };
}

const hasClass = (c: AsymmetricViT): boolean => c.classToken !== false;

function positionSpec(c: AsymmetricViT, D: number): ParamSpec {
  const { h, w, L } = patchGrid(c);
  const values = sinCos2d(D, h, w, { cls: hasClass(c) });
  return { shape: [1, hasClass(c) ? L + 1 : L, D], init: { values }, trainable: false };
}

export function encoderSpecs(c: AsymmetricViT): ParamSpecs {
  return {
    ...(hasClass(c) && { cls_token: { shape: [1, 1, c.dim], init: { normal: 0.02 } } }),
    pos_embed: positionSpec(c, c.dim),
    ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, c.dim),
    ...Object.assign({}, ...Array.from({ length: c.depth }, (_, i) => blockSpecs(`blocks.${i}`, blockShape(c, c.dim)))),
    ...layerNormSpecs("norm", c.dim),
  };
}

export function decoderSpecs(c: AsymmetricViT): ParamSpecs {
  const D = c.decoderDim;
  return {
    ...linearSpecs("decoder_embed", c.dim, D),
    mask_token: { shape: [1, 1, D], init: { normal: 0.02 } },
    decoder_pos_embed: positionSpec(c, D),
    ...decoderHeadSpecs(c),
  };
}

/** Blocks, normalisation and prediction of a decoder, without its embedding and mask token. */
export function decoderHeadSpecs(c: AsymmetricViT, suffix = ""): ParamSpecs {
  const D = c.decoderDim;
  const blocks = Array.from({ length: c.decoderDepth }, (_, i) => i);
  return {
    ...Object.assign({}, ...blocks.map((i) => blockSpecs(`decoder_blocks${suffix}.${i}`, blockShape(c, D)))),
    ...layerNormSpecs(`decoder_norm${suffix}`, D),
    ...linearSpecs(`decoder_pred${suffix}`, D, c.predicted ?? c.patchSize ** 2 * c.channels),
  };
}

/** Encoder tokens and what each stage made. */
export interface Encoded {
  /** [N, 1 + K, D], class token first, normalised. */
  readonly latent: Tensor;
  /** Patch embeddings before positions are added, [N, L, D]. */
  readonly embedded: Tensor;
  /** After each block, [N, 1 + K, D]. */
  readonly layers: readonly Tensor[];
}

/** Images [N, C, H, W] and the patches to keep, int32 [N, K] (all when absent) -> class token and K latents. */
export function encode(c: AsymmetricViT, p: Params, images: Tensor, idsKeep?: Tensor): Encoded {
  const { embedded, tokens, layers } = encodeLayers(c, p, images, idsKeep);
  return { latent: layerNorm(p, "norm", layers.at(-1) ?? tokens, c.eps), embedded, layers };
}

/**
 * As `encode` without the last normalisation. `tokens` [N, 1 + K, D] are what the first block receives, `weights` the
 * attention of each block, [N, heads, 1 + K, 1 + K].
 */
export function encodeLayers(
  c: AsymmetricViT,
  p: Params,
  images: Tensor,
  idsKeep?: Tensor,
): Pick<Encoded, "embedded" | "layers"> & { readonly tokens: Tensor; readonly weights: readonly Tensor[] } {
  const { embedded, placed } = placedPatches(c, p, images);
  const visible = idsKeep ? gather(placed, idsKeep) : placed; // positions are added before any patch is dropped
  return { embedded, ...blocksOf(c, p, visible) };
}

/** Embedded patches without and with their positions, [N, L, D] each. */
export function placedPatches(
  c: AsymmetricViT,
  p: Params,
  images: Tensor,
): { readonly embedded: Tensor; readonly placed: Tensor } {
  const embedded = patchEmbed(p, "patch_embed.proj", images);
  return { embedded, placed: add(embedded, patchPositions(c, p)) };
}

/** The same of patches [N, L, p²C] that are cut already. */
export function projectPatches(
  c: AsymmetricViT,
  p: Params,
  patches: Tensor,
): { readonly embedded: Tensor; readonly tokens: Tensor } {
  const embedded = embedPatches(p, "patch_embed.proj", patches);
  return { embedded, tokens: add(embedded, patchPositions(c, p)) };
}

/** The positions of the patches, [1, L, D]. */
function patchPositions(c: AsymmetricViT, p: Params): Tensor {
  const positions = param(p, "pos_embed"); // [1, 1 + L, D]
  return hasClass(c) ? slice(positions, 1, 1) : positions;
}

/** Class token and latents of patches that are embedded and placed already, [N, K, D] -> [N, 1 + K, D], normalised. */
export function encodeTokens(c: AsymmetricViT, p: Params, visible: Tensor): Pick<Encoded, "latent" | "layers"> {
  const { tokens, layers } = blocksOf(c, p, visible);
  return { latent: layerNorm(p, "norm", layers.at(-1) ?? tokens, c.eps), layers };
}

function blocksOf(
  c: AsymmetricViT,
  p: Params,
  visible: Tensor,
): { tokens: Tensor; layers: Tensor[]; weights: Tensor[] } {
  const N = visible.shape[0]!;
  const tokens = hasClass(c) ? concat([classTokens(c, p, N), visible], 1) : visible; // [N, 1 + K, D]
  const layers: Tensor[] = [];
  const weights: Tensor[] = [];
  let x = tokens;
  for (let i = 0; i < c.depth; i++) {
    const made = blockWithAttention(p, `blocks.${i}`, x, blockOptions(c, c.heads));
    x = made.x;
    layers.push(x);
    weights.push(made.weights);
  }
  return { tokens, layers, weights };
}

function classTokens(c: AsymmetricViT, p: Params, N: number): Tensor {
  const cls = add(param(p, "cls_token"), slice(param(p, "pos_embed"), 1, 0, 1)); // [1, 1, D]
  return broadcastTo(cls, [N, 1, c.dim]);
}

/** Mean of the latents of patches, the class token left out: [N, 1 + K, D] -> [N, D]. */
export const pooled = (c: AsymmetricViT, latent: Tensor): Tensor => mean(hasClass(c) ? slice(latent, 1, 1) : latent, 1);

/** What the decoder predicts, and what each stage made. */
export interface Decoded {
  /** [N, L, F] */
  readonly pred: Tensor;
  /** [N, 1 + K, decoderDim] */
  readonly embedded: Tensor;
  /** After each block, [N, 1 + L, decoderDim]. */
  readonly layers: readonly Tensor[];
  /** [N, 1 + L, decoderDim] */
  readonly normed: Tensor;
}

/** Latents [N, 1 + K, D] and int32 [N, L], the inverse of the shuffle -> a prediction for every patch. */
export function decode(c: AsymmetricViT, p: Params, latent: Tensor, idsRestore: Tensor): Decoded {
  const { embedded, tokens } = decoderTokens(c, p, latent, idsRestore);
  return { embedded, ...decodeTokens(c, p, tokens) };
}

/** What the decoder's first block receives, [N, 1 + L, D'], patches in place; all are visible without `idsRestore`. */
export function decoderTokens(
  c: AsymmetricViT,
  p: Params,
  latent: Tensor,
  idsRestore?: Tensor,
): { readonly embedded: Tensor; readonly tokens: Tensor } {
  const embedded = linear(p, "decoder_embed", latent); // [N, 1 + K, D']
  if (!idsRestore) return { embedded, tokens: add(embedded, param(p, "decoder_pos_embed")) };
  const K = (embedded.shape[1] as number) - (hasClass(c) ? 1 : 0);
  const restored = withMaskTokens(embedded, param(p, "mask_token"), K, idsRestore); // [N, 1 + L, D']
  return { embedded, tokens: add(restored, param(p, "decoder_pos_embed")) };
}

/** Blocks, normalisation and prediction of a decoder on [N, 1 + L, D']; `suffix` ends its parameters' names. */
export function decodeTokens(c: AsymmetricViT, p: Params, tokens: Tensor, suffix = ""): Omit<Decoded, "embedded"> {
  let x = tokens;
  const layers: Tensor[] = [];
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `decoder_blocks${suffix}.${i}`, x, blockOptions(c, c.decoderHeads));
    layers.push(x);
  }
  const normed = layerNorm(p, `decoder_norm${suffix}`, x, c.eps);
  return { pred: slice(linear(p, `decoder_pred${suffix}`, normed), 1, hasClass(c) ? 1 : 0), layers, normed };
}

/** Shape of every block of a model of this kind, D wide. */
export const blockShape = (c: AsymmetricViT, D: number) => ({
  D,
  ...(c.mlpRatio && { mlpRatio: c.mlpRatio }),
  ...(c.qkvBias !== undefined && { qkvBias: c.qkvBias }),
});

/** Options of every block of a model of this kind. */
export const blockOptions = (c: AsymmetricViT, heads: number) => ({
  heads,
  eps: c.eps,
  ...(c.activation && { activation: c.activation }),
});
