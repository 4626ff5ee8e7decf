/**
 * ConMIM. Yi et al. 2023, Masked Image Modeling with Denoising Contrast; released as TencentARC/ConMIM.
 * Survey §2.2, Algorithm 2 (contrastive-based MIM) and Eq. (1), by its steps and symbols:
 *
 *   1-2    X̂, X̃ = the image with its colours perturbed, and as it is         [N, C, H, W] each, the same crop
 *   3-4    P̂, P̃ = split(X̂, h, w), split(X̃, h, w)                            [N, L, p²C]
 *   5      I_m = squares of patches of X̃, 75 %                               mask [N, L]
 *   6-7    Ĥ = E' of all of X̂, E' a running mean of E_θ, no gradient         [N, L, D']
 *   8-11   H̃ = E_θ of X̃ with the mask token M in place of P̃[I_m]             [N, L, D']
 *   12     loss = Eq. (1) with cosine similarity, its mean over I_m          []
 *   13-15  gradient step on θ, φ and M (train/trainer.ts)
 *
 * No pixel and no tokenizer: the encoder has to tell which of the L places of the same picture a hidden patch came from.
 * Other pictures give no negatives. E_θ ends in an MLP whose batch normalisation runs over all tokens of the batch.
 * Algorithm 2 masks the strongly augmented view. ConMIM masks the plain one, and perturbs what the momentum encoder sees
 * (engine_for_pretraining.py; survey §3.11); `perturbed: "masked"` is the other way. Differs from the released code: blur is
 * of one width, contrast and hue change in a fixed order, there is no unused vocabulary head (`lm_head`).
 */

import { type Contrast, contrast, infoNceOfPatches } from "../algorithm2.ts";
import {
  encodeEmbedded,
  encodeReplaced,
  type ReplaceTokenViT,
  replaceTokenSpecs,
} from "../architecture/replaceTokenViT.ts";
import { type Photometric, photometric } from "../augment/photometric.ts";
import { coarseRandomMasking } from "../masking/coarseRandom.ts";
import type { Inputs, Method } from "../method.ts";
import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param, under } from "../nn/params.ts";
import { embedPatches } from "../nn/patchEmbed.ts";
import { patchify } from "../nn/patchify.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { mean, normalize, relu, reshape, slice, type Tensor } from "../ops.ts";
import { cosineValues } from "../schedule/cosine.ts";
import { namedTeacher } from "../state/namedTeacher.ts";
import { RANGE } from "../toy/scale.ts";

export interface ConMimConfig extends ReplaceTokenViT {
  /** Side in pixels of the squares that are hidden whole, and the share α of them. */
  readonly maskUnit: number;
  readonly maskRatio: number;
  readonly perturbation: Photometric;
  /** The view whose colours are perturbed. */
  readonly perturbed: "intact" | "masked";
  /** Values of black and white in the pictures, 0 and 1 unless given. */
  readonly range?: readonly [black: number, white: number];
  readonly projector: { readonly hidden: number; readonly out: number };
  /** τ of Eq. (1). */
  readonly temperature: number;
  /** The running mean's decay at the first step; it ends at 1. */
  readonly momentum: number;
}

const TEACHER = "teacher.";
const teacher = namedTeacher(TEACHER);

export const conMim: Method<ConMimConfig> = {
  id: "conmim",
  title: "ConMIM",
  paper: "yi2023conmim",
  source: "Yi et al. 2023; TencentARC/ConMIM, engine_for_pretraining.py; survey §2.2, Algorithm 2",
  algorithm: 2,
  recipe: {
    masking: { file: "masking/coarseRandom", does: "75 % of the squares of 32 pixels, in the plain view" },
    target: { file: "state/namedTeacher", does: "a momentum encoder's features of the intact, perturbed view" },
    objective: { file: "algorithm2", does: "InfoNCE among the patches of one image, over the masked ones" },
    architecture: {
      file: "architecture/replaceTokenViT",
      does: "encoder on patches and mask tokens, MLP on each token",
    },
  },
  published: {
    maskRatio: { value: "0.75 of squares of 32 pixels", source: "TencentARC/ConMIM, README, --mask_type random_mps32" },
    temperature: { value: 0.1, source: "TencentARC/ConMIM, run_conmim_pretraining.py, --temp" },
    momentum: { value: "0.996 to 1, cosine", source: "TencentARC/ConMIM, run_conmim_pretraining.py, --t_momentum" },
    projector: { value: "3 layers, 4,096 hidden, 256 out", source: "TencentARC/ConMIM, modeling_pretrain.py" },
    perturbation: {
      value: "jitter 0.4, 0.4, 0.2, 0.1 in 80 %, grey in 20 %, blur in 10 %, solarised in 20 %",
      source: "TencentARC/ConMIM, datasets.py",
    },
    optimizer: { value: "AdamW, betas 0.9 and 0.98, weight decay 0.05", source: "run_conmim_pretraining.py" },
    learningRate: { value: "7.5e-4 for 32 cards of 64 images", source: "TencentARC/ConMIM, README, ViT-L" },
    epochs: { value: "300 (ViT-S), 800 (ViT-B), 1600 (ViT-L)", source: "TencentARC/ConMIM, README" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/conMim.test.ts" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 700,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      positions: "none",
      relativePositions: "shared",
      qkvBias: "qv",
      layerScale: 1,
      maskUnit: 8,
      maskRatio: 0.75,
      perturbation: {
        jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
        grey: 0.2,
        blur: 0.1,
        solarize: 0.2,
      },
      perturbed: "intact",
      range: RANGE,
      projector: { hidden: 128, out: 64 },
      temperature: 0.1,
      momentum: 0.99,
    },
  },
  specs: (c) => ({ ...replaceTokenSpecs(c), ...projectorSpecs(c) }),
  state: {
    init: (_, params) => teacher.init(params),
    update: (_, state, params, { momentum }) => teacher.update(state, params, momentum!),
  },
  prepare: (c, { images }, draws, { step, steps }) => {
    const grid = { imageSize: c.imageSize, patchSize: c.patchSize, unit: c.maskUnit };
    const N = images!.shape[0]!;
    const mask = coarseRandomMasking(draws, N, grid, c.maskRatio);
    return {
      images: images!,
      perturbed: photometric(draws, images!, c.perturbation, c.range),
      mask: { shape: [N, mask.length / N], data: mask },
      momentum: { shape: [], data: Float64Array.of(cosineValues(c.momentum, 1, steps)[step] ?? 1) },
    };
  },
  evaluate: (c, p, inputs, state) => {
    const { loss, weak, strong } = contrast(letters(c, p, under(state, TEACHER), inputs), inputs.images!);
    return { loss, outputs: { intact: weak, masked: strong } };
  },
  encode: (c, p, { images }) => mean(slice(encodeReplaced(c, p, images!).latent, 1, 1), 1),
};

/** What ConMIM puts for the letters of Algorithm 2. */
const letters = (c: ConMimConfig, p: Params, average: Params, { perturbed, mask }: Inputs): Contrast => ({
  augment: (X, view) => ((view === "weak") === (c.perturbed === "intact") ? perturbed! : X), // 1-2   [N, C, H, W]
  split: (X) => patchify(X, c.patchSize), //                                                   3-4   [N, L, p²C]
  mask: () => mask!, //                                                                        5     [N, L]
  teacher: (P) => features(c, average, projected(average, P)), //                              6-7   [N, L, D']
  VP: (P) => projected(p, P), //                                                               8-11  [N, L, D]
  E: (tokens) => features(c, p, tokens), //                                                          [N, L, D']
  M: param(p, "mask_token"), //                                                                      [1, 1, D]
  d: (intact, hidden, masked) => conMimLoss(intact, hidden, masked, c.temperature), //         12    []
});

/** Eq. (1) with cosine similarity, its mean over masked patches: features [N, L, D'], mask [N, L], 1 masked -> []. */
export const conMimLoss = (intact: Tensor, hidden: Tensor, mask: Tensor, tau: number): Tensor =>
  maskedMean(infoNceOfPatches(normalize(intact), normalize(hidden), tau), mask);

const projected = (p: Params, patches: Tensor): Tensor => embedPatches(p, "patch_embed.proj", patches);

/** Encoder and MLP on embedded patches, [N, L, D] -> [N, L, D']; the class token goes along and is dropped. */
function features(c: ConMimConfig, p: Params, tokens: Tensor): Tensor {
  const { latent } = encodeEmbedded(c, p, tokens); // [N, 1 + L, D]
  const [N, all, D] = latent.shape as [number, number, number];
  let x = linear(p, "projectors.0", reshape(latent, [N * all, D]));
  x = linear(p, "projectors.3", relu(batchNorm(p, "projectors.1", x)));
  x = linear(p, "projectors.6", relu(batchNorm(p, "projectors.4", x)));
  return slice(reshape(batchNorm(p, "projectors.7", x), [N, all, c.projector.out]), 1, 1);
}

function projectorSpecs({ dim, projector: { hidden, out } }: ConMimConfig): ParamSpecs {
  return {
    ...linearSpecs("projectors.0", dim, hidden, { bias: false }),
    ...batchNormSpecs("projectors.1", hidden),
    ...linearSpecs("projectors.3", hidden, hidden, { bias: false }),
    ...batchNormSpecs("projectors.4", hidden),
    ...linearSpecs("projectors.6", hidden, out, { bias: false }),
  };
}
