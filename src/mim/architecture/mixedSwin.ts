/**
 * Hierarchical encoder of MixMAE on two mixed images. Liu et al. 2023, §3.2: windows as in Swin, never shifted, in which a
 * token attends only to tokens of its own image; maps halve between stages.
 */
import { blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { windowBlock, windowTableSpecs } from "../nn/windowBlock.ts";
import { toWindows } from "../nn/windows.ts";
import { add, expandDims, flip, matmul, mul, repeat, reshape, sub, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { mergePatches } from "./swin.ts";

export interface MixedSwin {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  /** Width of the first stage; it doubles from stage to stage. */
  readonly dim: number;
  /** Blocks, heads and side of a window of each stage. */
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  readonly windows: readonly number[];
  /** Hidden width of a block's MLP over its width; 4 unless given. */
  readonly mlpRatio?: number;
  /** Of every layer normalisation. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
}

/** One stage: its map in tokens, its width and the side of its windows. */
function stagesOf(c: MixedSwin) {
  return c.depths.map((depth, i) => {
    const [h, w] = [c.imageSize[0] / c.patchSize / 2 ** i, c.imageSize[1] / c.patchSize / 2 ** i];
    return { h, w, depth, D: c.dim * 2 ** i, heads: c.heads[i]!, s: Math.min(c.windows[i]!, h, w) };
  });
}

/** Side in pixels of a cell of the last map. */
export const mixedStride = (c: MixedSwin): number => c.patchSize * 2 ** (c.depths.length - 1);
/** Width of the last stage. */
export const mixedDim = (c: MixedSwin): number => c.dim * 2 ** (c.depths.length - 1);

export function mixedSwinSpecs(c: MixedSwin): ParamSpecs {
  const stages = stagesOf(c);
  const { h, w } = stages[0]!;
  const layers = stages.map(({ depth, D, heads, s }, i) => ({
    ...Object.assign(
      {},
      ...Array.from({ length: depth }, (_, j) => ({
        ...blockSpecs(`layers.${i}.blocks.${j}`, { D, ...(c.mlpRatio && { mlpRatio: c.mlpRatio }) }),
        ...windowTableSpecs(`layers.${i}.blocks.${j}`, s, heads),
      })),
    ),
    ...(i < stages.length - 1 && {
      ...linearSpecs(`layers.${i}.downsample.reduction`, 4 * D, 2 * D, { bias: false }),
      ...layerNormSpecs(`layers.${i}.downsample.norm`, 4 * D),
    }),
  }));
  return {
    absolute_pos_embed: { shape: [1, h * w, c.dim], init: { values: sinCos2d(c.dim, h, w) }, trainable: false },
    ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, c.dim),
    ...layerNormSpecs("patch_embed.norm", c.dim),
    ...Object.assign({}, ...layers),
    ...layerNormSpecs("norm", mixedDim(c)),
  };
}

/**
 * Images [N, C, H, W] -> tokens [N, L', D'] of the last map. With `mask` [L'], shared by the batch, image n takes the patches of
 * image N - 1 - n where it is 1.
 */
export function encodeMixed(c: MixedSwin, p: Params, images: Tensor, mask?: Tensor): Tensor {
  const stages = stagesOf(c);
  const last = stages.at(-1)!;
  const embedded = layerNorm(p, "patch_embed.norm", patchEmbed(p, "patch_embed.proj", images), c.eps); // [N, L, D]
  const [N, L, D] = embedded.shape as [number, number, number];
  const maps = stages.map(({ h }) => mask && spread(mask, last.h, last.w, h / last.h)); // [1, h, w, 1] each
  const partner = maps[0] && reshape(maps[0], [1, L, 1]);
  const mixed = partner ? add(mul(embedded, sub(1, partner)), mul(flip(embedded, 0), partner)) : embedded;
  let x = reshape(add(mixed, param(p, "absolute_pos_embed")), [N, stages[0]!.h, stages[0]!.w, D]);
  stages.forEach(({ depth, heads, s }, i) => {
    const bias = maps[i] && ownImageOnly(toWindows(maps[i], s));
    const options = { s, shift: 0, heads, eps: c.eps, activation: c.activation, bias };
    for (let j = 0; j < depth; j++) x = windowBlock(p, `layers.${i}.blocks.${j}`, x, options);
    if (i < stages.length - 1) x = mergePatches(p, `layers.${i}.downsample`, x, c.eps);
  });
  return layerNorm(p, "norm", reshape(x, [N, last.h * last.w, last.D]), c.eps);
}

/** The mask of the last map at `times` its resolution, [1, h · times, w · times, 1]. */
const spread = (mask: Tensor, h: number, w: number, times: number): Tensor =>
  repeat(repeat(reshape(mask, [1, h, w, 1]), times, 1), times, 2);

/** Attention bias [nW, 1, M, M] from windows of the mask [nW, M, 1]: low between tokens of different images. */
function ownImageOnly(windows: Tensor): Tensor {
  const other = sub(1, windows);
  const pairs = (x: Tensor) => matmul(x, transpose(x, [0, 2, 1]));
  const same = add(pairs(windows), pairs(other)); // 1 within one image, 0 across
  return expandDims(mul(sub(same, 1), 1e9), 1);
}
