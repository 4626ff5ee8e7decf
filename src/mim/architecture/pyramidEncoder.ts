/**
 * A Swin transformer or a pyramid vision transformer on whole images or on maps that were squeezed out of them: what UM-MAE, Li et
 * al. 2022, trains. Swin learns of tokens' places by their rows and columns, PVT by the positions it adds.
 */
import { layerNorm } from "../nn/layerNorm.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed } from "../nn/patchEmbed.ts";
import { add, broadcastTo, type DType, gather, reshape, type Tensor, tensor } from "../ops.ts";
import { lastSwinDim, type PositionBiasSwin, positionBiasBlocks, positionBiasSwinSpecs } from "./positionBiasSwin.ts";
import { type PyramidViT, pyramidBlocks, pyramidViTSpecs } from "./pyramidViT.ts";

export type PyramidEncoder = PositionBiasSwin | PyramidViT;

const isPvt = (c: PyramidEncoder): c is PyramidViT => "reductions" in c;

export const pyramidSpecs = (c: PyramidEncoder): ParamSpecs =>
  isPvt(c) ? pyramidViTSpecs(c) : positionBiasSwinSpecs(c);

export const firstDim = (c: PyramidEncoder): number => (isPvt(c) ? c.dims[0]! : c.dim);
export const lastDim = (c: PyramidEncoder): number => (isPvt(c) ? c.dims.at(-1)! : lastSwinDim(c));

/** Swin normalises what was embedded, and any token that stands for it. */
const normed = (c: PyramidEncoder, p: Params, x: Tensor): Tensor =>
  isPvt(c) ? x : layerNorm(p, "patch_embed.norm", x, c.eps);

/** Images [N, C, H, W] -> [N, L, D], row by row, without positions. */
export const embedPatches = (c: PyramidEncoder, p: Params, images: Tensor): Tensor =>
  normed(c, p, patchEmbed(p, "patch_embed.proj", images));

/** The token that stands for an embedded patch, [1, 1, D]. */
export const hiddenToken = (c: PyramidEncoder, p: Params, name: string): Tensor => normed(c, p, param(p, name));

/**
 * A squeezed map [N, h, w, D], which tokens of the image it holds, int32 [N, h · w], and their rows and columns [N, h, w, 2] -> the
 * last map, [N, h', w', D'], normalised.
 */
export function encodeMap(c: PyramidEncoder, p: Params, map: Tensor, ids: Tensor, positions: Tensor): Tensor {
  if (!isPvt(c)) return positionBiasBlocks(c, p, map, positions);
  const table = param(p, "pos_embed");
  const own = gather(broadcastTo(table, [map.shape[0]!, table.shape[1]!, table.shape[2]!]), ids);
  return pyramidBlocks(c, p, add(map, reshape(own, map.shape)));
}

/** The last map of whole images, with windows twice as wide or keys averaged over larger squares, as the map is. */
export function encodeWhole(c: PyramidEncoder, p: Params, images: Tensor): Tensor {
  const [h, w] = [c.imageSize[0] / c.patchSize, c.imageSize[1] / c.patchSize];
  const embedded = embedPatches(c, p, images);
  const asMap = (x: Tensor) => reshape(x, [images.shape[0]!, h, w, firstDim(c)]);
  if (isPvt(c)) return pyramidBlocks(c, p, asMap(add(embedded, param(p, "pos_embed"))), c.wholeReductions);
  const places = Float64Array.from({ length: 2 * h * w }, (_, i) => (i % 2 ? (i >> 1) % w : Math.floor((i >> 1) / w)));
  return positionBiasBlocks(c, p, asMap(embedded), tensor(places, [1, h, w, 2], embedded.dtype as DType), 2 * c.window);
}
