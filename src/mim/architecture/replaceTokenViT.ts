/**
 * Vision transformer that sees every position: a learned mask token stands in for each hidden patch. BEiT, Bao et al.
 * 2022, §2.3; the same encoder in SimMIM, data2vec and MFM, each with its own choice of positions.
 */
import { type BlockOptions, type BlockParts, blockSpecs, blockWithAttention } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { type ParamSpec, type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import {
  add,
  broadcastTo,
  concat,
  type DType,
  gather,
  matmul,
  mul,
  reshape,
  slice,
  sub,
  type Tensor,
  tensor,
} from "../ops.ts";
import { relativeBias, relativeBiasSpecs } from "../positions/relative.ts";
import { type Grid, resizePositions } from "../positions/resizePositions.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { patchGrid } from "./asymmetricViT.ts";

export interface ReplaceTokenViT {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden width of a block's MLP over its width; 4 unless given. */
  readonly mlpRatio?: number;
  /** Of every layer normalisation. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
  /** Added to the tokens: a trained table, the fixed sine-cosine one, or nothing. */
  readonly positions: "learned" | "sinCos" | "none";
  /** Added to the attention: a table of each block, one shared by all blocks, or nothing. */
  readonly relativePositions: "perBlock" | "shared" | "none";
  /** "qv" gives keys no bias. */
  readonly qkvBias: boolean | "qv";
  /** Start of the layer scale; none without it. */
  readonly layerScale?: number;
  /** Name of the mask token, `mask_token` unless given; false for a network that never sees a masked input. */
  readonly maskToken?: "mask_token" | "masked_embed" | false;
  /** Name of the last normalisation; "norm" unless given. */
  readonly lastNorm?: "norm" | "fc_norm";
}

export function replaceTokenSpecs(c: ReplaceTokenViT): ParamSpecs {
  const { h, w, L } = patchGrid(c);
  const grid = { h, w, cls: true };
  const learned: ParamSpec = { shape: [1, L + 1, c.dim], init: { normal: 0.02 } };
  const blocks = Array.from({ length: c.depth }, (_, i) => ({
    ...blockSpecs(`blocks.${i}`, {
      D: c.dim,
      qkvBias: c.qkvBias,
      ...(c.mlpRatio && { mlpRatio: c.mlpRatio }),
      ...(c.layerScale && { layerScale: c.layerScale }),
    }),
    ...(c.relativePositions === "perBlock" && relativeBiasSpecs(blockTable(i), grid, c.heads)),
  }));
  return {
    cls_token: { shape: [1, 1, c.dim], init: { normal: 0.02 } },
    ...maskTokenSpecs(c),
    ...(c.positions === "learned" && { pos_embed: learned }),
    ...(c.positions === "sinCos" && {
      pos_embed: { ...learned, init: { values: sinCos2d(c.dim, h, w, { cls: true }) }, trainable: false as const },
    }),
    ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, c.dim),
    ...(c.relativePositions === "shared" && relativeBiasSpecs(SHARED_TABLE, grid, c.heads)),
    ...Object.assign({}, ...blocks),
    ...layerNormSpecs(c.lastNorm ?? "norm", c.dim),
  };
}

function maskTokenSpecs({ maskToken = "mask_token", dim }: ReplaceTokenViT): ParamSpecs {
  if (maskToken === false) return {};
  return { [maskToken]: { shape: maskToken === "mask_token" ? [1, 1, dim] : [1, dim], init: { normal: 0.02 } } };
}

const SHARED_TABLE = "rel_pos_bias.relative_position_bias_table";
const blockTable = (i: number) => `blocks.${i}.attn.relative_position_bias_table`;

/** Tokens and what each stage made. */
export interface ReplacedTokens {
  /** [N, 1 + L, D], class token first, normalised. */
  readonly latent: Tensor;
  /** After each block, [N, 1 + L, D]. */
  readonly layers: readonly Tensor[];
  /** What the MLP of each block added, [N, 1 + L, D]. */
  readonly fed: readonly Tensor[];
  /** Attention weights of each block, [N, heads, 1 + L, 1 + L]. */
  readonly weights: readonly Tensor[];
}

/** Images [N, C, H, W] and mask [N, L], 1 masked (nothing hidden when absent) -> a latent for every position. */
export const encodeReplaced = (c: ReplaceTokenViT, p: Params, images: Tensor, mask?: Tensor): ReplacedTokens =>
  throughBlocks(c, p, placedSequence(c, p, images, mask));

/** Tokens [N, L, D] of patches that are projected, and replaced where masked, already -> a latent for every position. */
export const encodeEmbedded = (c: ReplaceTokenViT, p: Params, tokens: Tensor): ReplacedTokens =>
  throughBlocks(c, p, sequenceOf(c, p, tokens, patchGrid(c)));

/** Images and the patches that stay, int32 [N, K] -> latents of the class token and of those: masked patches are dropped. */
export function encodeVisible(c: ReplaceTokenViT, p: Params, images: Tensor, idsKeep: Tensor): ReplacedTokens {
  const sequence = placedSequence(c, p, images);
  const visible = concat([slice(sequence, 1, 0, 1), gather(slice(sequence, 1, 1), idsKeep)], 1);
  return throughBlocks({ ...c, relativePositions: "none" }, p, visible);
}

/** What the first block receives, [N, 1 + L, D]. */
function placedSequence(c: ReplaceTokenViT, p: Params, images: Tensor, mask?: Tensor): Tensor {
  const embedded = patchEmbed(p, "patch_embed.proj", images); // [N, L, D]
  const tokens = mask ? replaceTokens(embedded, param(p, c.maskToken || "mask_token"), mask) : embedded;
  const [H, W] = images.shape.slice(2) as [number, number];
  return sequenceOf(c, p, tokens, { h: H / c.patchSize, w: W / c.patchSize });
}

/** The class token, then the patches' [N, L, D], with their positions: [N, 1 + L, D]. */
function sequenceOf(c: ReplaceTokenViT, p: Params, tokens: Tensor, grid: Grid): Tensor {
  const sequence = concat([broadcastTo(param(p, "cls_token"), [tokens.shape[0]!, 1, c.dim]), tokens], 1);
  return c.positions === "none" ? sequence : add(sequence, positionsOf(c, p, grid));
}

/** The position table, interpolated for images of another size than the configuration's: [1, 1 + L, D]. */
function positionsOf(c: ReplaceTokenViT, p: Params, to: Grid): Tensor {
  const table = param(p, "pos_embed");
  const from = patchGrid(c);
  if (from.h === to.h && from.w === to.w) return table;
  const M = from.L + 1;
  const identity = Float64Array.from({ length: M * M }, (_, i) => (i % (M + 1) === 0 ? 1 : 0));
  const weights = resizePositions(identity, M, from, to); // [1 + L', 1 + L]
  return matmul(tensor(weights, [1, weights.length / M, M], table.dtype as DType), table);
}

function throughBlocks(c: ReplaceTokenViT, p: Params, sequence: Tensor): ReplacedTokens {
  const grid = { ...patchGrid(c), cls: true };
  const shared = c.relativePositions === "shared" ? relativeBias(p, SHARED_TABLE, grid) : undefined;
  const parts: BlockParts[] = [];
  let x = sequence;
  for (let i = 0; i < c.depth; i++) {
    const bias = c.relativePositions === "perBlock" ? relativeBias(p, blockTable(i), grid) : shared;
    const options: BlockOptions = {
      heads: c.heads,
      eps: c.eps,
      ...(bias && { bias }),
      ...(c.activation && { activation: c.activation }),
    };
    const made = blockWithAttention(p, `blocks.${i}`, x, options);
    x = made.x;
    parts.push(made);
  }
  return {
    latent: layerNorm(p, c.lastNorm ?? "norm", x, c.eps),
    layers: parts.map((part) => part.x),
    fed: parts.map((part) => part.fed),
    weights: parts.map((part) => part.weights),
  };
}

/** The mask token, [1, 1, D] or [1, D], in place of each masked token: tokens [N, L, D], mask [N, L], 1 masked. */
export function replaceTokens(tokens: Tensor, maskToken: Tensor, mask: Tensor): Tensor {
  const [N, L] = mask.shape as [number, number];
  const w = reshape(mask, [N, L, 1]);
  return add(mul(tokens, sub(1, w)), mul(maskToken, w));
}
