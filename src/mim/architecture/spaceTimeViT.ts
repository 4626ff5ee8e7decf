/**
 * Vision transformer of clips in the layout of MAE, with an embedding of space and one of time. Feichtenhofer et al. 2022
 * (ST-MAE), §3; parameter names of the released models_mae.py with separate position embeddings.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, broadcastTo, concat, gather, reshape, slice, type Tensor, transpose } from "../ops.ts";
import { cubeGrid, type VideoViT } from "./videoViT.ts";

export interface SpaceTimeViT extends VideoViT {
  /** Whether a class token goes along. */
  readonly cls: boolean;
  /** Frames of the clip that are predicted, spread evenly; half of them in the paper, one for each token. */
  readonly predictedFrames: number;
  /** One table of positions for all cubes, class token first, in place of one of space and one of time. */
  readonly jointPositions?: true;
  /** False leaves queries, keys and values without biases. */
  readonly qkvBias?: false;
}

/** Frames that a token predicts. */
export const predictedTubelet = (c: SpaceTimeViT): number => (c.tubelet * c.predictedFrames) / c.frames;

const small = { normal: 0.02 } as const;

function positionSpecs(prefix: string, c: SpaceTimeViT, D: number): ParamSpecs {
  const [t, h, w] = cubeGrid(c).grid;
  if (c.jointPositions) {
    return {
      [`${prefix}pos_embed`]: { shape: [1, t * h * w + (c.cls ? 1 : 0), D], init: small },
      ...(c.cls && { [`${prefix}cls_token`]: { shape: [1, 1, D], init: small } }),
    };
  }
  return {
    [`${prefix}pos_embed_spatial`]: { shape: [1, h * w, D], init: small },
    [`${prefix}pos_embed_temporal`]: { shape: [1, t, D], init: small },
    ...(c.cls && {
      [`${prefix}pos_embed_class`]: { shape: [1, 1, D], init: small },
      [`${prefix}cls_token`]: { shape: [1, 1, D], init: small },
    }),
  };
}

const blocks = (name: string, D: number, depth: number, c: SpaceTimeViT): ParamSpecs =>
  Object.assign(
    {},
    ...Array.from({ length: depth }, (_, i) =>
      blockSpecs(`${name}.${i}`, {
        D,
        qkvBias: c.qkvBias === false ? "apart, none" : "apart",
        ...(c.mlpRatio && { mlpRatio: c.mlpRatio }),
      }),
    ),
  );

export const spaceTimeSpecs = (c: SpaceTimeViT): ParamSpecs => ({
  ...convolutionSpecs("patch_embed.proj", c.channels, c.dim, [c.tubelet, c.patchSize, c.patchSize]),
  ...positionSpecs("", c, c.dim),
  ...blocks("blocks", c.dim, c.depth, c),
  ...layerNormSpecs("norm", c.dim),
  ...linearSpecs("decoder_embed", c.dim, c.decoderDim),
  mask_token: { shape: [1, 1, c.decoderDim], init: small },
  ...positionSpecs("decoder_", c, c.decoderDim),
  ...blocks("decoder_blocks", c.decoderDim, c.decoderDepth, c),
  ...layerNormSpecs("decoder_norm", c.decoderDim),
  ...linearSpecs("decoder_pred", c.decoderDim, predictedTubelet(c) * c.patchSize ** 2 * c.channels),
});

/** Positions of all cubes, [1, t · hw, D]: the outer sum of the tables of space and time, or the joint one. */
export function spaceTimePositions(p: Params, prefix: "" | "decoder_"): Tensor {
  const joint = p[`${prefix}pos_embed`];
  if (joint) return slice(joint, 1, p[`${prefix}cls_token`] ? 1 : 0);
  const space = param(p, `${prefix}pos_embed_spatial`); // [1, hw, D]
  const time = param(p, `${prefix}pos_embed_temporal`); // [1, t, D]
  const [hw, D] = space.shape.slice(1) as [number, number];
  const t = time.shape[1]!;
  return reshape(add(reshape(time, [1, t, 1, D]), reshape(space, [1, 1, hw, D])), [1, t * hw, D]);
}

function withClass(p: Params, prefix: "" | "decoder_", x: Tensor): Tensor {
  const token = p[`${prefix}cls_token`];
  if (!token) return x;
  const joint = p[`${prefix}pos_embed`];
  const placed = add(token, joint ? slice(joint, 1, 0, 1) : param(p, `${prefix}pos_embed_class`));
  return concat([broadcastTo(placed, [x.shape[0]!, 1, x.shape[2]!]), x], 1);
}

/** Clips [N, C, T, H, W] and the cubes to keep, int32 [N, K] (all when absent) -> latents [N, K, D], no class token. */
export function encodeSpaceTime(c: SpaceTimeViT, p: Params, clips: Tensor, idsKeep?: Tensor): Tensor {
  const map = convolution(p, "patch_embed.proj", clips, { stride: [c.tubelet, c.patchSize, c.patchSize] });
  const [N, D] = map.shape as [number, number];
  const placed = add(transpose(reshape(map, [N, D, -1]), [0, 2, 1]), spaceTimePositions(p, ""));
  let x = withClass(p, "", idsKeep ? gather(placed, idsKeep) : placed);
  for (let i = 0; i < c.depth; i++) x = block(p, `blocks.${i}`, x, { heads: c.heads, eps: c.eps });
  const latent = layerNorm(p, "norm", x, c.eps);
  return c.cls ? slice(latent, 1, 1) : latent;
}

/** Latents [N, K, D] and int32 [N, L], the inverse of the shuffle -> predictions for every cube, [N, L, F]. */
export function decodeSpaceTime(c: SpaceTimeViT, p: Params, latent: Tensor, idsRestore: Tensor): Tensor {
  const [N, L] = idsRestore.shape as [number, number];
  const embedded = linear(p, "decoder_embed", latent);
  const masks = broadcastTo(param(p, "mask_token"), [N, L - embedded.shape[1]!, c.decoderDim]);
  const restored = gather(concat([embedded, masks], 1), idsRestore);
  let x = withClass(p, "decoder_", add(restored, spaceTimePositions(p, "decoder_")));
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `decoder_blocks.${i}`, x, { heads: c.decoderHeads, eps: c.eps });
  }
  const pred = linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x, c.eps));
  return c.cls ? slice(pred, 1, 1) : pred;
}
