/**
 * MultiMAE. Bachmann et al. 2022, MultiMAE: Multi-modal Multi-task Masked Autoencoders, §3 (EPFL-VILAB/MultiMAE). Survey §3.10.
 *
 *   1  patches of the picture and of its depth map, standardised without its extremes         [N, 2L, D]
 *   2  λ ~ Dirichlet(α, α) for each scene; of K visible tokens a share λ_t is of modality t     [N, K]
 *   3  H = E_θ(visible tokens of both, a global token)                                          [N, K + 1, D]
 *   4  a decoder for each task looks from its own patches at all visible tokens of both         [N, L, p²C]
 *   5  loss = mean square of the picture + mean square of the picture normalised patch by patch + mean
 *      absolute error of depth, each over its hidden patches, averaged scene by scene first
 *
 * The paper's third modality, semantic segmentation by classes, is left out. A scene of which nothing of a modality is hidden does not
 * count in that modality's loss.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { decodeTask, encodeModalities, type MultiModalViT, multiModalSpecs } from "../architecture/multiModalViT.ts";
import { dirichletBudget } from "../masking/dirichletBudget.ts";
import type { HostInputs, Method } from "../method.ts";
import { patchify } from "../nn/patchify.ts";
import { l1 } from "../objective/l1.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMeanBySample } from "../objective/maskedMeanBySample.ts";
import { mean, reshape, sumOf, type Tensor, transpose } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { standardizedDepth } from "../target/standardizedDepth.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface MultiMaeConfig extends MultiModalViT {
  /** K, visible tokens of both modalities together. */
  readonly visibleTokens: number;
  /** α: small values give most of the budget to one modality. */
  readonly concentration: number;
  /** Shares of lowest and of highest depths that do not set the scale. */
  readonly depthTrim: number;
}

const SEEN = [
  { name: "rgb", channels: 3 },
  { name: "depth", channels: 1 },
] as const;

const tasks = (c: MultiMaeConfig) =>
  [
    { name: "rgb", of: "rgb", predicted: 3 * c.patchSize ** 2 },
    { name: "depth", of: "depth", predicted: c.patchSize ** 2 },
    { name: "norm_rgb", of: "rgb", predicted: 3 * c.patchSize ** 2 },
  ] as const;

export const multiMae: Method<MultiMaeConfig> = {
  id: "multimae",
  title: "MultiMAE",
  paper: "bachmann2022multimae",
  source: "Bachmann et al. 2022, §3; EPFL-VILAB/MultiMAE, multimae/ and run_pretraining_multimae.py; survey §3.10",
  recipe: {
    masking: { file: "masking/dirichletBudget", does: "a fixed number of visible tokens, split by Dirichlet shares" },
    target: { file: "target/standardizedDepth", does: "pixels, normalised pixels and standardised depth" },
    objective: { file: "objective/maskedMeanBySample", does: "squared and absolute errors, averaged scene by scene" },
    architecture: {
      file: "architecture/multiModalViT",
      does: "one encoder of both modalities, a decoder for each task",
    },
  },
  published: {
    visibleTokens: { value: "98 of 3 · 196", source: "released multimae-b_98_rgb+-depth-semseg_1600e.yaml" },
    concentration: { value: 1, source: "released multimae-b_98_rgb+-depth-semseg_1600e.yaml" },
    decoder: { value: "cross-attention and 2 blocks, 256 wide", source: "released yaml, as above" },
    depthTrim: { value: 0.1, source: "EPFL-VILAB/MultiMAE, run_pretraining_multimae.py" },
    learningRate: { value: "1e-4 · batch / 256, 1600 epochs", source: "released yaml, as above" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/multiMae.test.ts" },
  toy: {
    modality: "depth",
    batch: 16,
    steps: 500,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      dim: 64,
      depth: 2,
      heads: 4,
      decoderDim: 32,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-6,
      visibleTokens: 8,
      concentration: 1,
      depthTrim: 0, // of a toy scene most is ground, so that without extremes nothing would be left
    },
  },
  specs: (c) => multiModalSpecs(c, SEEN, tasks(c)),
  prepare: (c, { images, depth }, draws): HostInputs => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const budget = { keep: c.visibleTokens, concentration: c.concentration };
    const { idsKeep, idsRestore, masks } = dirichletBudget(draws, N, [L, L], budget); //          2
    return {
      images: images!,
      depth: standardizedDepth(depth!, c.depthTrim), //                                           1
      idsKeep: { shape: [N, c.visibleTokens], data: idsKeep },
      idsRestore: { shape: [N, 2 * L], data: idsRestore },
      mask_rgb: { shape: [N, L], data: masks[0]! },
      mask_depth: { shape: [N, L], data: masks[1]! },
    };
  },
  evaluate: (c, p, { images, depth, idsKeep, idsRestore, mask_rgb, mask_depth }) => {
    const latent = encodeModalities(c, p, SEEN, { rgb: images!, depth: depth! }, idsKeep!); //   3    [N, K + 1, D]
    const ids = { idsKeep: idsKeep!, idsRestore: idsRestore! };
    const [rgb, far, normRgb] = tasks(c).map(
      (
        task, //                                        4    [N, L, p²C] each
      ) => pixelsLast(decodeTask(c, p, SEEN, task, latent, ids), task.predicted / c.patchSize ** 2),
    ) as [Tensor, Tensor, Tensor];
    const [P, Z] = [patchify(images!, c.patchSize), patchify(depth!, c.patchSize)];
    const losses = {
      rgb: maskedMeanBySample(l2(rgb, P), mask_rgb!), //                                         5    [] each
      depth: maskedMeanBySample(l1(far, Z), mask_depth!),
      normRgb: maskedMeanBySample(l2(normRgb, normalizedPixels(P)), mask_rgb!),
    };
    return {
      loss: sumOf(losses.rgb, losses.depth, losses.normRgb),
      outputs: { latent, rgb, depth: far, normRgb, losses },
    };
  },
  arrange: (c, { images, depth }) => ({ images: images!, depth: standardizedDepth(depth!, c.depthTrim) }),
  encode: (c, p, { images, depth }) => mean(encodeModalities(c, p, SEEN, { rgb: images!, depth: depth! }), 1),
  pictures: (c, { images, mask_rgb }, { rgb }) => maskedPictures(c, images!, mask_rgb!, rgb as Tensor),
};

/** A patch's values by channel, row and column, as the release's decoders give them, to row, column and channel. */
function pixelsLast(patches: Tensor, channels: number): Tensor {
  const [N, L, F] = patches.shape as [number, number, number];
  return reshape(transpose(reshape(patches, [N, L, channels, F / channels]), [0, 1, 3, 2]), [N, L, F]);
}
