/**
 * Swin transformer: attention inside square windows that shift by half a window in every second block, and maps that halve
 * between stages. Liu et al. 2021, §3; with mask tokens at its input as in SimMIM §3.3.
 */
import { blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { windowBlock, windowTableSpecs } from "../nn/windowBlock.ts";
import { add, reshape, type Tensor, transpose } from "../ops.ts";
import { replaceTokens } from "./replaceTokenViT.ts";

export interface Swin {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  /** Width of the first stage; it doubles from stage to stage. */
  readonly dim: number;
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** Heads of each stage. */
  readonly heads: readonly number[];
  /** Side of a window in tokens; a stage whose map is no larger has one window and no shift. */
  readonly window: number;
  /** Hidden width of a block's MLP over its width; 4 unless given. */
  readonly mlpRatio?: number;
  readonly qkvBias: boolean;
  /** Of every layer normalisation. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
  /** Whether patches are normalised after embedding. */
  readonly patchNorm: boolean;
  /** Whether a trained table is added to the tokens. */
  readonly absolutePositions?: boolean;
  /** False for a network that never sees a masked input and has no `mask_token`. */
  readonly maskToken?: false;
}

/** One stage: its map in tokens, its width, and its windows. */
export interface SwinStage {
  readonly h: number;
  readonly w: number;
  readonly D: number;
  readonly heads: number;
  /** Side of a window in tokens. */
  readonly s: number;
  /** By how many tokens every second block shifts. */
  readonly shift: number;
}

export function swinStages(c: Swin): SwinStage[] {
  return c.depths.map((_, i) => {
    const [h, w] = [c.imageSize[0] / c.patchSize / 2 ** i, c.imageSize[1] / c.patchSize / 2 ** i];
    const whole = Math.min(h, w) <= c.window;
    return {
      h,
      w,
      D: c.dim * 2 ** i,
      heads: c.heads[i]!,
      s: whole ? Math.min(h, w) : c.window,
      shift: whole ? 0 : Math.floor(c.window / 2),
    };
  });
}

export function swinSpecs(c: Swin): ParamSpecs {
  const stages = swinStages(c);
  const first = stages[0]!;
  return {
    ...(c.maskToken !== false && { mask_token: { shape: [1, 1, c.dim], init: { normal: 0.02 } as const } }),
    ...(c.absolutePositions && {
      absolute_pos_embed: { shape: [1, first.h * first.w, c.dim], init: { normal: 0.02 } },
    }),
    ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, c.dim),
    ...(c.patchNorm && layerNormSpecs("patch_embed.norm", c.dim)),
    ...Object.assign({}, ...stages.map((stage, i) => swinStageSpecs(c, stage, i, i < stages.length - 1))),
    ...layerNormSpecs("norm", stages.at(-1)!.D),
  };
}

function swinStageSpecs(c: Swin, { D, heads, s }: SwinStage, i: number, merges: boolean): ParamSpecs {
  const blocks = Array.from({ length: c.depths[i]! }, (_, j) => ({
    ...blockSpecs(`layers.${i}.blocks.${j}`, { D, qkvBias: c.qkvBias, ...(c.mlpRatio && { mlpRatio: c.mlpRatio }) }),
    ...windowTableSpecs(`layers.${i}.blocks.${j}`, s, heads),
  }));
  return {
    ...Object.assign({}, ...blocks),
    ...(merges && {
      ...linearSpecs(`layers.${i}.downsample.reduction`, 4 * D, 2 * D, { bias: false }),
      ...layerNormSpecs(`layers.${i}.downsample.norm`, 4 * D),
    }),
  };
}

/** What the last stage made, and each stage before its map was halved. */
export interface SwinFeatures {
  /** [N, L', D'], normalised; L' tokens of the last map, row by row. */
  readonly latent: Tensor;
  /** [N, h, w, D] of each stage. */
  readonly stages: readonly Tensor[];
}

/** Images [N, C, H, W] and mask [N, L] over the first map's tokens, 1 masked (nothing hidden when absent). */
export function encodeSwin(c: Swin, p: Params, images: Tensor, mask?: Tensor): SwinFeatures {
  const stages = swinStages(c);
  const { h, w } = stages[0]!;
  const projected = patchEmbed(p, "patch_embed.proj", images); // [N, L, D]
  const [N] = projected.shape as [number];
  const embedded = c.patchNorm ? layerNorm(p, "patch_embed.norm", projected, c.eps) : projected;
  const tokens = mask ? replaceTokens(embedded, param(p, "mask_token"), mask) : embedded;
  const placed = c.absolutePositions ? add(tokens, param(p, "absolute_pos_embed")) : tokens;
  let x = reshape(placed, [N, h, w, c.dim]);
  const made: Tensor[] = [];
  stages.forEach((stage, i) => {
    const { s, shift, heads } = stage;
    for (let j = 0; j < c.depths[i]!; j++) {
      const options = { s, shift: j % 2 === 0 ? 0 : shift, heads, eps: c.eps, activation: c.activation };
      x = windowBlock(p, `layers.${i}.blocks.${j}`, x, options);
    }
    made.push(x);
    if (i < stages.length - 1) x = mergePatches(p, `layers.${i}.downsample`, x, c.eps);
  });
  const last = stages.at(-1)!;
  return { latent: layerNorm(p, "norm", reshape(x, [N, last.h * last.w, last.D]), c.eps), stages: made };
}

/** Each 2 x 2 tokens become one of twice the width: [N, h, w, D] -> [N, h/2, w/2, 2D]. Liu et al. 2021, §3.1. */
export function mergePatches(p: Params, name: string, x: Tensor, eps: number): Tensor {
  const [N, h, w, D] = x.shape as [number, number, number, number];
  // Of the four, the column counts before the row.
  const quads = transpose(reshape(x, [N, h / 2, 2, w / 2, 2, D]), [0, 1, 3, 4, 2, 5]);
  const joined = reshape(quads, [N, h / 2, w / 2, 4 * D]);
  return linear(p, `${name}.reduction`, layerNorm(p, `${name}.norm`, joined, eps));
}
