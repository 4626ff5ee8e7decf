/**
 * Vision transformer of clips with joint space-time attention and an asymmetric decoder. Tong et al. 2022 (VideoMAE),
 * §3.3. A token is a cube of frames and pixels; the encoder sees the visible ones alone, and the decoder receives these
 * first and after them a mask token for each cube to be predicted.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, concat, type DType, gather, reshape, slice, type Tensor, tensor, transpose } from "../ops.ts";
import { sinusoid } from "../positions/sinusoid.ts";

export interface VideoEncoder {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly frames: number;
  /** Frames of a token. */
  readonly tubelet: number;
  readonly patchSize: number;
  readonly channels: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden width of a block's MLP over its width; 4 unless given. */
  readonly mlpRatio?: number;
  /** Start of the layer scale; none without it. */
  readonly layerScale?: number;
  /** Of every layer normalisation. */
  readonly eps: number;
}

export interface VideoViT extends VideoEncoder {
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  /** Values that the decoder predicts for a token; its pixels unless given. */
  readonly predicted?: number;
}

/** Tokens in time, down and across, and their number L. */
export function cubeGrid(c: VideoEncoder): { readonly grid: [number, number, number]; readonly L: number } {
  const grid: [number, number, number] = [
    c.frames / c.tubelet,
    c.imageSize[0] / c.patchSize,
    c.imageSize[1] / c.patchSize,
  ];
  return { grid, L: grid[0] * grid[1] * grid[2] };
}

/** Numbers of a token: frames · p² · channels. */
export const cubeSize = (c: VideoEncoder): number => c.tubelet * c.patchSize ** 2 * c.channels;

const blocks = (
  prefix: string,
  D: number,
  depth: number,
  c: Pick<VideoEncoder, "mlpRatio" | "layerScale">,
): ParamSpecs =>
  Object.assign(
    {},
    ...Array.from({ length: depth }, (_, i) =>
      blockSpecs(`${prefix}.${i}`, {
        D,
        qkvBias: "qv",
        ...(c.mlpRatio && { mlpRatio: c.mlpRatio }),
        ...(c.layerScale && { layerScale: c.layerScale }),
      }),
    ),
  );

export const videoEncoderSpecs = (c: VideoEncoder): ParamSpecs => ({
  ...convolutionSpecs("encoder.patch_embed.proj", c.channels, c.dim, [c.tubelet, c.patchSize, c.patchSize]),
  ...blocks("encoder.blocks", c.dim, c.depth, c),
  ...layerNormSpecs("encoder.norm", c.dim),
});

export const videoDecoderSpecs = (c: VideoViT): ParamSpecs => ({
  ...videoDecoderBodySpecs(c),
  ...linearSpecs("decoder.head", c.decoderDim, c.predicted ?? cubeSize(c)),
});

/** A decoder without the layer that predicts. */
export const videoDecoderBodySpecs = (c: VideoViT): ParamSpecs => ({
  mask_token: { shape: [1, 1, c.decoderDim], init: { normal: 0.02 } },
  ...linearSpecs("encoder_to_decoder", c.dim, c.decoderDim, { bias: false }),
  ...blocks("decoder.blocks", c.decoderDim, c.decoderDepth, c),
  ...layerNormSpecs("decoder.norm", c.decoderDim),
});

/** The table [1, L, D] that is stored under a name, or else the sine waves of the sequence, which are not stored. */
const positions = (p: Params, name: string, L: number, D: number, like: Tensor): Tensor =>
  p[name] ?? tensor(sinusoid(L, D), [1, L, D], like.dtype as DType);

/** Clips [N, C, T, H, W] -> embedded cubes with their positions, [N, L, D]. */
export function embedCubes(c: VideoEncoder, p: Params, clips: Tensor): Tensor {
  const tokens = cubeTokens(c, p, clips);
  return add(tokens, positions(p, "encoder.pos_embed", tokens.shape[1]!, c.dim, tokens));
}

/** Embedded cubes without positions, [N, L, D]. */
export function cubeTokens(c: VideoEncoder, p: Params, clips: Tensor): Tensor {
  const map = convolution(p, "encoder.patch_embed.proj", clips, { stride: [c.tubelet, c.patchSize, c.patchSize] });
  return transpose(reshape(map, [map.shape[0]!, c.dim, -1]), [0, 2, 1]);
}

/** What the encoder makes of the visible cubes. */
export interface EncodedCubes {
  /** [N, K, D], normalised. */
  readonly latent: Tensor;
  /** After each block, [N, K, D]. */
  readonly layers: readonly Tensor[];
}

/** Clips and the cubes to keep, int32 [N, K] (all when absent). */
export function encodeCubes(c: VideoEncoder, p: Params, clips: Tensor, idsKeep?: Tensor): EncodedCubes {
  const tokens = embedCubes(c, p, clips);
  let x = idsKeep ? gather(tokens, idsKeep) : tokens;
  const layers: Tensor[] = [];
  for (let i = 0; i < c.depth; i++) {
    x = block(p, `encoder.blocks.${i}`, x, { heads: c.heads, eps: c.eps });
    layers.push(x);
  }
  return { latent: layerNorm(p, "encoder.norm", x, c.eps), layers };
}

/** Latents of the kept cubes and the cubes to predict, int32 [N, M] -> predictions [N, M, s·p²·C]. */
export const decodeCubes = (c: VideoViT, p: Params, latent: Tensor, idsKeep: Tensor, idsPredict: Tensor): Tensor =>
  linear(p, "decoder.head", decodeCubeTokens(c, p, latent, idsKeep, idsPredict));

/** What `decodeCubes` predicts from: the decoded mask tokens, normalised, [N, M, D']. */
export function decodeCubeTokens(c: VideoViT, p: Params, latent: Tensor, idsKeep: Tensor, idsPredict: Tensor): Tensor {
  const { L } = cubeGrid(c);
  const [N, M] = idsPredict.shape as [number, number];
  const table = positions(p, "pos_embed", L, c.decoderDim, latent);
  const at = (ids: Tensor): Tensor => {
    const K = ids.shape[1]!;
    return reshape(gather(table, reshape(ids, [1, N * K])), [N, K, c.decoderDim]);
  };
  const visible = add(linear(p, "encoder_to_decoder", latent), at(idsKeep)); // [N, K, D']
  const hidden = add(at(idsPredict), param(p, "mask_token")); // [N, M, D']
  let x = concat([visible, hidden], 1);
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `decoder.blocks.${i}`, x, { heads: c.decoderHeads, eps: c.eps });
  }
  const K = idsKeep.shape[1]!;
  return layerNorm(p, "decoder.norm", slice(x, 1, K, K + M), c.eps);
}
