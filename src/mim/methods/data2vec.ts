/**
 * data2vec, its vision part. Baevski et al. 2022, data2vec: A General Framework for Self-supervised Learning in Speech,
 * Vision and Language, §3.
 * Survey §2.1, Algorithm 1 with a teacher's contextual features for pixels:
 *
 *   1      P = split(X, h, w), embedded                                   [N, L, D]
 *          Y = average of the teacher's top K layers on the whole image   [N, L, D]
 *   2      I_m = blocks of patches, 60 %                                  mask [N, L]
 *   6-7    the mask token M in place of P[I_m]                            [N, 1 + L, D]
 *   3-5    H = E_θ of all tokens                                          [N, 1 + L, D]
 *   8      Ŷ = one linear layer                                           [N, L, D]
 *   9      loss = smooth L1 of Ŷ and Y over I_m                           []
 *          the teacher follows the student by a running mean of weights
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import { type BlockwiseOptions, blockwiseMasking } from "../masking/blockwise.ts";
import type { Method } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type Params, under } from "../nn/params.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { smoothL1 } from "../objective/smoothL1.ts";
import { varianceHinge } from "../objective/varianceHinge.ts";
import { add, mean, mul, slice, stopGradient, type Tensor } from "../ops.ts";
import { line } from "../schedule/line.ts";
import { namedTeacher } from "../state/namedTeacher.ts";
import { type AveragedLayers, averagedLayers } from "../target/averagedLayers.ts";

export interface Data2vecConfig extends ReplaceTokenViT {
  readonly blocks: BlockwiseOptions;
  /** Blocks of the teacher that are averaged, from 0. */
  readonly targetLayers: readonly number[];
  /** What of a block: its tokens, or what its MLP added to them. */
  readonly layerResults: "end" | "fed";
  readonly normalization: AveragedLayers;
  /** β of the smooth L1, or the mean square. */
  readonly distance: { readonly beta: number } | "l2";
  /** Weight of the hinge that keeps predictions apart, and the deviation it asks for; none when absent. */
  readonly variance?: { readonly weight: number; readonly margin: number };
  /** The teacher's decay: a line from `start` to `end` over that many steps. */
  readonly momentum: { readonly start: number; readonly end: number; readonly over: number };
}

const TEACHER = "teacher.";
const teacher = namedTeacher(TEACHER);

export const data2vec: Method<Data2vecConfig> = {
  id: "data2vec",
  title: "data2vec",
  paper: null,
  source: "Baevski et al. 2022, §3; survey §2.1",
  recipe: {
    masking: { file: "masking/blockwise", does: "blocks of patches, 60 % of them" },
    target: { file: "target/averagedLayers", does: "average of the momentum teacher's top layers" },
    objective: { file: "objective/smoothL1", does: "smooth L1 over the masked patches" },
    architecture: {
      file: "architecture/replaceTokenViT",
      does: "encoder on patches and mask tokens, one linear layer",
    },
  },
  published: {
    maskedPatches: { value: "120 of 196", source: "facebookresearch/data2vec_vision, README, ViT-B" },
    targetLayers: { value: "6 to 11 of 12", source: "facebookresearch/data2vec_vision, README, ViT-B" },
    beta: { value: 2, source: "facebookresearch/data2vec_vision, README, --l1_beta" },
    momentum: { value: 0.9998, source: "facebookresearch/data2vec_vision, README, --ema_decay" },
    learningRate: { value: "2e-3 at batch 2048", source: "facebookresearch/data2vec_vision, README, ViT-B" },
    epochs: { value: 800, source: "facebookresearch/data2vec_vision, README, ViT-B" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/data2vec_vision.json.gz" },
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
      blocks: { hidden: 9, minBlock: 2, minAspect: 0.3 },
      targetLayers: [0, 1],
      layerResults: "end",
      normalization: { layerNorm: true, layerNormAfter: true },
      distance: { beta: 2 },
      momentum: { start: 0.99, end: 0.999, over: 300 },
    },
  },
  specs: (c) => ({ ...replaceTokenSpecs(c), ...linearSpecs("lm_head", c.dim, c.dim) }),
  state: {
    init: (_, params) => teacher.init(params),
    update: (_, state, params, { momentum }) => teacher.update(state, params, momentum!),
  },
  prepare: (c, { images }, draws, { step }) => {
    const { h, w, L } = patchGrid(c);
    const N = images!.shape[0]!;
    const mask = blockwiseMasking(draws, N, [h, w], c.blocks); //                                       2
    const momentum = line(step, c.momentum.start, c.momentum.end, c.momentum.over);
    return {
      images: images!,
      mask: { shape: [N, L], data: mask },
      momentum: { shape: [], data: Float64Array.of(momentum) },
    };
  },
  evaluate: (c, p, { images, mask }, state) => {
    const target = teacherTargets(c, under(state, TEACHER), images!); //                        [N, L, D]
    const { latent } = encodeReplaced(c, p, images!, mask!); //               1, 6-7, 3-5       [N, 1 + L, D]
    const pred = linear(p, "lm_head", slice(latent, 1, 1)); //                     8            [N, L, D]
    const distances = c.distance === "l2" ? l2(pred, target) : mean(smoothL1(pred, target, c.distance.beta), -1);
    const regression = maskedMean(distances, mask!); //                            9            []
    const hinge = varianceHinge(pred, mask!, c.variance?.margin ?? 0.5);
    const loss = c.variance ? add(regression, mul(hinge, c.variance.weight)) : regression;
    return { loss, outputs: { pred, target, latent, regression, hinge } };
  },
  encode: (c, p, { images }) => mean(slice(encodeReplaced(c, p, images!).latent, 1, 1), 1),
};

/** What the student is to say of each patch, [N, L, D]: the teacher sees the whole image. */
export function teacherTargets(c: Data2vecConfig, teacher: Params, images: Tensor): Tensor {
  const made = encodeReplaced(c, teacher, images)[c.layerResults === "end" ? "layers" : "fed"];
  return stopGradient(
    averagedLayers(
      c.targetLayers.map((i) => slice(made[i]!, 1, 1)),
      c.normalization,
    ),
  );
}
