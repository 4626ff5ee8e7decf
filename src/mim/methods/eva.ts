/**
 * EVA. Fang et al. 2023, EVA: Exploring the Limits of Masked Visual Representation Learning at Scale, §2.
 * Survey §2.1, Algorithm 1 with a frozen teacher's features for pixels:
 *
 *   1      P = split(X, h, w), embedded                            [N, L, D]
 *          T = the teacher's features of each patch, whole image   [N, L, F]
 *   2      I_m = 40 % of the patches at random                     mask [N, L]
 *   6-7    the mask token M in place of P[I_m]                     [N, 1 + L, D]
 *   3-5    H = E_θ of all tokens                                   [N, 1 + L, D]
 *   8      Z = one linear layer                                    [N, L, F]
 *   9      loss = - mean over I_m of cos(Z, T)                     []
 *
 * The paper's teacher is CLIP, whose features know of words; any frozen network gives the same procedure, and the toy preset
 * learns from an MAE.
 */
import { encode as encodeMae, patchGrid } from "../architecture/asymmetricViT.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import { shuffledMasking } from "../masking/shuffled.ts";
import { type Method, teacherOf } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { prefixed, under } from "../nn/params.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { negativeCosine } from "../objective/negativeCosine.ts";
import { mean, slice, stopGradient } from "../ops.ts";
import { frozen } from "../state/frozen.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface EvaConfig extends ReplaceTokenViT {
  /** Share of the patches that is hidden. */
  readonly maskRatio: number;
  readonly teacher: MaeConfig;
}

const TEACHER = "teacher.";

export const eva: Method<EvaConfig> = {
  id: "eva",
  title: "EVA",
  paper: "fang2023eva",
  source: "Fang et al. 2023, §2; survey §2.1",
  recipe: {
    masking: { file: "masking/shuffled", does: "40 % of the patches at random" },
    target: { file: "state/frozen", does: "a frozen teacher's features of each patch" },
    objective: { file: "objective/negativeCosine", does: "cosine over the masked patches" },
    architecture: {
      file: "architecture/replaceTokenViT",
      does: "encoder on patches and mask tokens, one linear layer",
    },
  },
  published: {
    maskedPatches: { value: "105 of 256", source: "baaivision/EVA, EVA-01/eva/README" },
    teacher: { value: "CLIP ViT-L/14", source: "baaivision/EVA, EVA-01/eva/README" },
    optimizer: { value: "betas 0.9 and 0.98", source: "baaivision/EVA, EVA-01/eva/README" },
    learningRate: { value: "1e-3 at batch 4096", source: "baaivision/EVA, EVA-01/eva/README" },
    epochs: { value: 150, source: "baaivision/EVA, EVA-01/eva/README" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/eva.test.ts" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 800,
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
      positions: "learned",
      relativePositions: "none",
      qkvBias: "qv",
      maskRatio: 0.41,
      teacher: { ...mae.toy.config, depth: 2 },
    },
  },
  specs: (c) => ({ ...replaceTokenSpecs(c), ...linearSpecs("lm_head", c.dim, c.teacher.dim) }),
  state: {
    init: (c) => frozen(prefixed(TEACHER, mae.specs(c.teacher))).init(),
    update: (_, state) => state,
  },
  teachers: (c) => [teacherOf({ prefix: TEACHER, method: mae, config: c.teacher, steps: 150, lr: mae.toy.lr })],
  prepare: (c, { images }, draws) => {
    const { L } = patchGrid(c);
    const N = images!.shape[0]!;
    return { images: images!, mask: { shape: [N, L], data: shuffledMasking(draws, N, L, c.maskRatio) } }; //  2
  },
  evaluate: (c, p, { images, mask }, state) => {
    const whole = encodeMae(c.teacher, under(state, TEACHER), images!); //                  1
    const target = stopGradient(slice(whole.latent, 1, 1)); //                                 [N, L, F]
    const { latent } = encodeReplaced(c, p, images!, mask!); //                       6-7, 3-5 [N, 1 + L, D]
    const pred = linear(p, "lm_head", slice(latent, 1, 1)); //                              8  [N, L, F]
    const loss = maskedMean(negativeCosine(pred, target), mask!); //                        9  []
    return { loss, outputs: { pred, target, latent } };
  },
  encode: (c, p, { images }) => mean(slice(encodeReplaced(c, p, images!).latent, 1, 1), 1),
};
