/**
 * MaskFeat on images. Wei et al. 2022, Masked Feature Prediction for Self-Supervised Visual Pre-Training.
 *
 *   1  H = patch embeddings, the mask token in place of each hidden one          [N, L, D]
 *   2  Z = E_θ(class token, H)                                                   [N, 1 + L, D]
 *   3  Ŷ = one linear layer of Z                                                 [N, L, 3 · bins · cells]
 *   4  Y = oriented gradients of the whole picture, the cells of a patch side by side, each cell of unit length
 *   5  loss = mean square of Ŷ - Y over the hidden patches                       []
 *
 * A change of brightness or contrast leaves the target as it is. Parameters are named as in open-mmlab/mmpretrain, whose
 * linear layer is followed by batch normalisation over all tokens (`headNorm`); the paper has none.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import { type BlockwiseOptions, blockwiseMasking } from "../masking/blockwise.ts";
import type { Method } from "../method.ts";
import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { fromOpenMmlab, openMmlab } from "../nn/openMmlabNames.ts";
import type { Params } from "../nn/params.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { mean, reshape, slice } from "../ops.ts";
import { hog, hogTokens } from "../target/hog.ts";

export interface MaskFeatConfig extends ReplaceTokenViT {
  readonly blocks: BlockwiseOptions;
  readonly bins: number;
  /** Side of a cell in pixels. */
  readonly cell: number;
  /** Side of the Gaussian window in pixels; none when absent. */
  readonly window?: number;
  readonly headNorm: boolean;
}

export const maskFeat: Method<MaskFeatConfig> = {
  id: "maskfeat",
  title: "MaskFeat",
  paper: "wei2022maskfeat",
  source: "Wei et al. 2022; open-mmlab/mmpretrain, maskfeat.py",
  recipe: {
    masking: { file: "masking/blockwise", does: "blocks of patches, about 40 % of them" },
    target: { file: "target/hog", does: "oriented gradients of every cell of a patch" },
    objective: { file: "objective/l2", does: "mean square over the masked patches" },
    architecture: {
      file: "architecture/replaceTokenViT",
      does: "encoder on patches and mask tokens, one linear layer",
    },
  },
  published: {
    hidden: {
      value: "78 of 196 patches, blocks of at least 15",
      source: "mmpretrain, maskfeat_vit-base-p16 (300 epochs)",
    },
    target: { value: "9 bins, cells of 8 pixels, window of 16", source: "the same file" },
    learningRate: {
      value: "1.6e-3 for 2,048 images, 30 epochs of warm-up, gradient norm cut at 0.02",
      source: "the same file",
    },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/maskFeat.test.ts" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 900,
    lr: 3e-3,
    tried:
      "250 steps of 48 pictures gained 3.6 and 16 points with two seeds; 900 steps of 24 gained 8.8, 19.6 and −0.8.",
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      positions: "learned",
      relativePositions: "none",
      qkvBias: true,
      blocks: { hidden: 7, minBlock: 2, minAspect: 0.3 },
      bins: 9,
      cell: 4,
      window: 8,
      headNorm: false,
    },
  },
  specs: (c) => ({
    ...openMmlab("backbone.", replaceTokenSpecs(c)),
    ...linearSpecs("neck.fc", c.dim, predicted(c)),
    ...(c.headNorm && batchNormSpecs("neck.norm", predicted(c))),
  }),
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { h, w, L } = patchGrid(c);
    const mask = blockwiseMasking(draws, N, [h, w], c.blocks);
    const cells = hog(images!, {
      bins: c.bins,
      cell: c.cell,
      ...(c.window && { window: { side: c.window, deviation: Math.floor(c.window / 2) } }),
    });
    return {
      images: images!,
      mask: { shape: [N, L], data: mask },
      target: hogTokens(cells, c.patchSize / c.cell), //                        4    [N, L, F]
    };
  },
  evaluate: (c, p, { images, mask, target }) => {
    const { latent } = encodeReplaced(c, backbone(c, p), images!, mask!); //    1-2  [N, 1 + L, D]
    const [N, T] = latent.shape as [number, number];
    const rows = linear(p, "neck.fc", reshape(latent, [N * T, c.dim])); //      3
    const normed = c.headNorm ? batchNorm(p, "neck.norm", rows) : rows;
    const pred = slice(reshape(normed, [N, T, predicted(c)]), 1, 1); //              [N, L, F]
    const loss = maskedMean(l2(pred, target!), mask!); //                       5    []
    return { loss, outputs: { pred, latent } };
  },
  encode: (c, p, { images }) => mean(slice(encodeReplaced(c, backbone(c, p), images!).latent, 1, 1), 1),
};

const predicted = (c: MaskFeatConfig): number => c.channels * c.bins * (c.patchSize / c.cell) ** 2;

const backbone = (c: MaskFeatConfig, p: Params): Params =>
  fromOpenMmlab("backbone.", p, Object.keys(replaceTokenSpecs(c)));
