/**
 * Pyramid vision transformer with pooled keys: each token attends to a map that is averaged first, so that a map of any size may come
 * in. Wang et al. 2021 and 2022 (PVT, PVT v2 linear); as in UM-MAE, Li et al. 2022, models_mae_pvt.py.
 */
import { scaledDotProduct } from "../nn/attention.ts";
import { mlp } from "../nn/block.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { averagePool } from "../nn/pooling.ts";
import { add, reshape, select, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";

export interface PyramidViT {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  /** Width, blocks, heads and MLP ratio of each stage. */
  readonly dims: readonly number[];
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  readonly mlpRatios: readonly number[];
  /** Side of the squares over which each stage averages its keys, on a squeezed map and on that of a whole image. */
  readonly reductions: readonly number[];
  readonly wholeReductions: readonly number[];
  /** Of the layer normalisations outside the blocks; those inside have 1e-5, as released. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
}

/** PyTorch's default, which the released blocks keep. */
const BLOCK_EPS = 1e-5;

export function pyramidViTSpecs(c: PyramidViT): ParamSpecs {
  const [h, w] = [c.imageSize[0] / c.patchSize, c.imageSize[1] / c.patchSize];
  const first = c.dims[0]!;
  return {
    pos_embed: { shape: [1, h * w, first], init: { values: sinCos2d(first, h, w) }, trainable: false },
    ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, first),
    ...Object.assign({}, ...blocksOf(c).map((block) => blockSpecs(c, block))),
    ...layerNormSpecs("norm", c.dims.at(-1)!),
  };
}

/** The blocks in a row; the first one of a later stage merges tokens before it attends. */
const blocksOf = (c: PyramidViT) =>
  c.depths
    .flatMap((depth, stage) => Array.from({ length: depth }, (_, j) => ({ stage, merges: stage > 0 && j === 0 })))
    .map((block, i) => ({ ...block, name: `blocks.${i}` }));

type Block = ReturnType<typeof blocksOf>[number];

function blockSpecs(c: PyramidViT, { name, stage, merges }: Block): ParamSpecs {
  const D = c.dims[stage]!;
  const hidden = D * c.mlpRatios[stage]!;
  return {
    ...(merges && convolutionSpecs(`${name}.downsample.proj`, c.dims[stage - 1]!, D, [2, 2])),
    ...layerNormSpecs(`${name}.norm1`, D),
    ...linearSpecs(`${name}.attn.q`, D, D),
    ...linearSpecs(`${name}.attn.kv`, D, 2 * D),
    ...linearSpecs(`${name}.attn.proj`, D, D),
    ...convolutionSpecs(`${name}.attn.sr`, D, D, [1, 1]),
    ...layerNormSpecs(`${name}.attn.norm`, D),
    ...layerNormSpecs(`${name}.norm2`, D),
    ...linearSpecs(`${name}.mlp.fc1`, D, hidden),
    ...linearSpecs(`${name}.mlp.fc2`, hidden, D),
  };
}

/** Tokens that have their positions, [N, h, w, D] -> the last map, [N, h', w', D'], normalised. */
export function pyramidBlocks(c: PyramidViT, p: Params, x: Tensor, reductions = c.reductions): Tensor {
  let map = x;
  for (const { name, stage, merges } of blocksOf(c)) {
    if (merges) map = channelsLast(convolution(p, `${name}.downsample.proj`, channelsFirst(map), { stride: 2 }));
    const normed = layerNorm(p, `${name}.norm1`, map, BLOCK_EPS);
    map = add(map, pooledAttention(p, `${name}.attn`, normed, c.heads[stage]!, reductions[stage]!));
    map = add(map, mlp(p, `${name}.mlp`, layerNorm(p, `${name}.norm2`, map, BLOCK_EPS), c.activation));
  }
  return layerNorm(p, "norm", map, c.eps);
}

const channelsFirst = (x: Tensor): Tensor => transpose(x, [0, 3, 1, 2]);
const channelsLast = (x: Tensor): Tensor => transpose(x, [0, 2, 3, 1]);

/** Every token of a map [N, h, w, D] attends to the map averaged over squares. */
function pooledAttention(p: Params, name: string, x: Tensor, heads: number, reduction: number): Tensor {
  const [N, h, w, D] = x.shape as [number, number, number, number];
  const d = D / heads;
  const averaged = averagePool(channelsFirst(x), [reduction, reduction]);
  const keys = layerNorm(p, `${name}.norm`, channelsLast(convolution(p, `${name}.sr`, averaged)), BLOCK_EPS);
  const M = (h * w) / reduction ** 2;
  const q = transpose(reshape(linear(p, `${name}.q`, x), [N, h * w, heads, d]), [0, 2, 1, 3]);
  const kv = transpose(reshape(linear(p, `${name}.kv`, keys), [N, M, 2, heads, d]), [2, 0, 3, 1, 4]);
  const { y } = scaledDotProduct(q, select(kv, 0, 0), select(kv, 0, 1)); // [N, heads, h · w, d]
  return linear(p, `${name}.proj`, reshape(transpose(y, [0, 2, 1, 3]), [N, h, w, D]));
}
