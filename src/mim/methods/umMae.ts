/**
 * UM-MAE. Li et al. 2022, Uniform Masking: Enabling MAE Pre-training for Pyramid-based Vision Transformers with Locality
 * (arXiv 2205.10063), §3; implus/UM-MAE. Not among the papers that the survey reviews; its uniform sampling is used there by
 * Almalki and Latecki (§3.1). Survey §2.1, Algorithm 1 with a mask that leaves a map behind:
 *
 *   1      P = split(X, h, w); cells of c pixels a side, L of them                                [N, L, c²C]
 *   2      I_v: one cell of each 2 x 2 cells, corners balanced (uniform sampling)                 [N, L / 4]
 *          a share of I_v is hidden again, by a token of its own (secondary masking)              [N, L / 4]
 *   3-5    the visible cells pushed together are a map of half the side; H = Swin or PVT on it,
 *          which knows where in the image each token lies                                         [N, L'', D']
 *   6-7    H unfolded to the visible cells, mask tokens for the others, positions added           [N, L, D'']
 *   8      P̂ = decoder, at the cells outside I_v                                                  [N, 3L / 4, c²C]
 *   9      loss = mean square of P̂ and pixels normalised cell by cell; cells hidden again are not
 *          among them                                                                             []
 *
 * `decoderOrder: "byRow"` is what the release does for Swin and PVT: visible latents come window by window, but take the
 * positions of visible cells row by row, which belong to others of the same two rows; the paper says nothing of it, and "byWindow"
 * gives each its own. The encoder is Swin or PVT, by its configuration; the release's plain ViT is not built.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import {
  embedPatches,
  encodeMap,
  encodeWhole,
  firstDim,
  hiddenToken,
  lastDim,
  type PyramidEncoder,
  pyramidSpecs,
} from "../architecture/pyramidEncoder.ts";
import { idsOf } from "../masking/maskedIds.ts";
import { secondaryMasking } from "../masking/secondary.ts";
import { keptByWindow, squeezedTokens } from "../masking/squeezedTokens.ts";
import { uniformSampling } from "../masking/uniformSampling.ts";
import type { Method } from "../method.ts";
import { block, blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { pixelShuffle } from "../nn/pixelShuffle.ts";
import { l2 } from "../objective/l2.ts";
import {
  add,
  broadcastTo,
  concat,
  gather,
  mean,
  mul,
  reshape,
  scatter,
  slice,
  sub,
  type Tensor,
  transpose,
} from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

interface UmMaeOptions {
  /** Side of a cell in pixels. */
  readonly cellSize: number;
  /** Share of the visible cells that is hidden again; without any there is no token for them. */
  readonly secondaryRatio: number;
  readonly decoderOrder: "byWindow" | "byRow";
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly normalizedTarget: boolean;
}

export type UmMaeConfig = PyramidEncoder & UmMaeOptions;

/** Cells down and across, how many tokens a cell has a side, and how many visible cells a token of the last map. */
function geometry(c: UmMaeConfig) {
  const cells = patchGrid({ imageSize: c.imageSize, patchSize: c.cellSize });
  const perCell = c.cellSize / c.patchSize;
  const folded = 2 ** (c.depths.length - 1) / perCell;
  return { cells, perCell, folded, kept: [cells.h / 2, cells.w / 2] as const };
}

export const umMae: Method<UmMaeConfig> = {
  id: "ummae",
  title: "UM-MAE",
  paper: null,
  source: "Li et al. 2022, §3; implus/UM-MAE, models_mae_swin.py and models_mae_pvt.py; survey §2.1, Algorithm 1",
  recipe: {
    masking: {
      file: "masking/uniformSampling",
      does: "one of each 2 x 2 cells stays, and a quarter of those is hidden again",
    },
    target: { file: "target/normalizedPixels", does: "pixels, normalised cell by cell" },
    objective: { file: "objective/l2", does: "mean square over the cells that were not sampled" },
    architecture: {
      file: "architecture/pyramidEncoder",
      does: "Swin or PVT on the visible cells pushed together, light decoder",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "abstract; implus/UM-MAE, mask_transform.py, which takes no other" },
    secondaryRatio: { value: 0.25, source: "implus/UM-MAE, PRETRAIN.md" },
    window: { value: "8, and 16 on whole images", source: "implus/UM-MAE, models_mae_swin.py, models_swin.py" },
    decoder: { value: "2 blocks, 512 wide, 16 heads", source: "implus/UM-MAE, models_mae_swin.py" },
    optimizer: { value: "AdamW, betas 0.9 and 0.95, weight decay 0.05", source: "implus/UM-MAE, main_pretrain.py" },
    epochs: { value: "200 (Swin-T), 800 (Swin-L)", source: "implus/UM-MAE, PRETRAIN.md" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/umMae.test.ts" },
  toy: {
    modality: "rgb",
    batch: 16,
    steps: 900,
    lr: 3e-3,
    tried:
      "The untrained pyramid is read right in four of ten cases already, and of 16 cells a picture 3 are seen in training. 200 steps of 32 pictures lost 1.4 points; 900 steps of 16 lost 6, then gained 4.6 and 2.8 with other seeds.",
    config: {
      imageSize: [32, 32],
      patchSize: 4,
      channels: 3,
      dim: 32,
      depths: [2, 1, 1],
      heads: [2, 4, 4],
      window: 4,
      biasDim: 16,
      eps: 1e-6,
      activation: "geluTanh",
      cellSize: 8,
      secondaryRatio: 0.25,
      decoderOrder: "byWindow",
      decoderDim: 48,
      decoderDepth: 1,
      decoderHeads: 4,
      normalizedTarget: true,
    },
  },
  specs: (c) => ({
    ...(c.secondaryRatio > 0 && { vis_mask_token: { shape: [1, 1, firstDim(c)], init: { normal: 0.02 } } }),
    ...pyramidSpecs(c),
    ...decoderSpecs(c),
  }),
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { cells, perCell, kept } = geometry(c);
    const mask = uniformSampling(draws, N, [cells.h, cells.w]); //                         2
    const { mask: again } = secondaryMasking(draws, mask, [N, cells.L], c.secondaryRatio);
    const byWindow = keptByWindow(mask, N, [cells.h, cells.w]);
    const { ids, positions } = squeezedTokens(byWindow, N, kept, perCell, cells.w);
    const hiddenAgain = Float32Array.from(
      byWindow,
      (cell, i) => again[Math.floor(i / (cells.L / 4)) * cells.L + cell]!,
    );
    return {
      images: images!,
      ids,
      positions,
      hiddenAgain: { shape: [N, kept[0], kept[1]], data: hiddenAgain },
      idsKeep: { shape: [N, cells.L / 4], data: c.decoderOrder === "byRow" ? idsOf(mask, N, 0) : byWindow },
      idsMasked: { shape: [N, (3 * cells.L) / 4], data: idsOf(mask, N, 1) },
      mask: { shape: [N, cells.L], data: mask },
    };
  },
  evaluate: (c, p, { images, ids, positions, hiddenAgain, idsKeep, idsMasked }) => {
    const P = patchify(images!, c.cellSize); //                                            1    [N, L, c²C]
    const { squeezed, latent } = encodeSqueezed(c, p, images!, ids!, positions!, hiddenAgain!); // 3-5 [N, h', w', D']
    const pred = decode(c, p, latent, idsKeep!, idsMasked!); //                            6-8  [N, 3L / 4, c²C]
    const hidden = gather(P, idsMasked!);
    const target = c.normalizedTarget ? normalizedPixels(hidden) : hidden;
    const loss = mean(l2(pred, target)); //                                                9    []
    return { loss, outputs: { pred, latent, squeezed, target } };
  },
  encode: (c, p, { images }) => mean(encodeWhole(c, p, images!), [1, 2]),
  pictures: (c, { images, mask, idsMasked }, { pred }) => {
    const shown = { imageSize: c.imageSize, patchSize: c.cellSize, normalizedTarget: c.normalizedTarget };
    return maskedPictures(shown, images!, mask!, scatter(pred as Tensor, idsMasked!, mask!.shape[1]!));
  },
};

/** Images and what `prepare` chose -> the map that the encoder sees, [N, h, w, D], and its last map. */
function encodeSqueezed(c: UmMaeConfig, p: Params, images: Tensor, ids: Tensor, positions: Tensor, again: Tensor) {
  const [N, h, w] = positions.shape as [number, number, number, number];
  const visible = reshape(gather(embedPatches(c, p, images), ids), [N, h, w, firstDim(c)]);
  const squeezed = c.secondaryRatio > 0 ? hideAgain(c, p, visible, again) : visible;
  return { squeezed, latent: encodeMap(c, p, squeezed, ids, positions) };
}

/** The token of cells hidden again in their place; again [N, cells down, cells across]. */
function hideAgain(c: UmMaeConfig, p: Params, map: Tensor, again: Tensor): Tensor {
  const { perCell, kept } = geometry(c);
  const [N, h, w] = map.shape as [number, number, number, number];
  const cells = reshape(again, [N, kept[0], 1, kept[1], 1]);
  const hidden = reshape(broadcastTo(cells, [N, kept[0], perCell, kept[1], perCell]), [N, h, w, 1]);
  const token = reshape(hiddenToken(c, p, "vis_mask_token"), [1, 1, 1, -1]);
  return add(mul(map, sub(1, hidden)), mul(token, hidden));
}

function decoderSpecs(c: UmMaeConfig): ParamSpecs {
  const { cells, folded } = geometry(c);
  const D = c.decoderDim;
  return {
    ...linearSpecs("decoder_embed", lastDim(c), folded ** 2 * D),
    mask_token: { shape: [1, 1, D], init: { normal: 0.02 } },
    decoder_pos_embed: { shape: [1, cells.L, D], init: { values: sinCos2d(D, cells.h, cells.w) }, trainable: false },
    ...Object.assign({}, ...Array.from({ length: c.decoderDepth }, (_, i) => blockSpecs(`decoder_blocks.${i}`, { D }))),
    ...layerNormSpecs("decoder_norm", D),
    ...linearSpecs("decoder_pred", D, c.cellSize ** 2 * c.channels),
  };
}

/** The last map [N, h', w', D'] -> what is said of the cells that were not sampled, [N, 3L / 4, c²C]. */
function decode(c: UmMaeConfig, p: Params, latent: Tensor, idsKeep: Tensor, idsMasked: Tensor): Tensor {
  const [N, h, w] = latent.shape as [number, number, number, number];
  const { folded } = geometry(c);
  const [K, M] = [idsKeep.shape[1]!, idsMasked.shape[1]!];
  const D = c.decoderDim;
  const wide = linear(p, "decoder_embed", reshape(latent, [N, h * w, -1])); // [N, h'w', folded² D'']
  const visible = transpose(reshape(pixelShuffle(wide, folded, h, w), [N, D, K]), [0, 2, 1]);
  const table = broadcastTo(param(p, "decoder_pos_embed"), [N, K + M, D]);
  const hidden = add(gather(table, idsMasked), param(p, "mask_token"));
  let x = concat([add(visible, gather(table, idsKeep)), hidden], 1);
  const options = { heads: c.decoderHeads, eps: c.eps, ...(c.activation && { activation: c.activation }) };
  for (let i = 0; i < c.decoderDepth; i++) x = block(p, `decoder_blocks.${i}`, x, options);
  return slice(linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x, c.eps)), 1, K);
}
