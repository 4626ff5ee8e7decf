/**
 * MaskAlign. Xue et al. 2023, Stare at What You See: Masked Image Modeling without Reconstruction, §3; released as
 * OpenDriveLab/maskalign (formerly OpenPerceptionX). Nothing that is hidden is foretold:
 *
 *   1  T_1 … T_A = layers of a frozen teacher that sees the whole image, each token normalised      [N, 1 + L, F] each
 *      a = its class token's attention to the patches in the last block, mean over heads            [N, L]
 *   2  I_v: ⌊L (1 - α)⌋ patches drawn without replacement in proportion to a                        [N, K]
 *   3  s_1 … s_B = layers of the student, which sees I_v alone                                      [N, 1 + K, D] each
 *   4  ŝ_a = H_a(Σ_b W_ab s_b), W from nearly the identity, H_a one linear layer                    [N, 1 + K, F] each
 *   5  loss = mean over the last layers a of 2 smoothL1(ŝ_a, T_a[class token and I_v])              []
 *
 * No decoder, no mask token, no pixels. What stays visible is what the teacher looks at, the reverse of attention-guided masking.
 * The factor 2 and the layers (5 of 12) are the released code's. The survey (§3.8) puts MaskAlign among multi-scale
 * reconstruction and in the same place denies it a reconstruction; paper and release have none.
 * Differs from the released code: W decays with the other weights, and the teacher of the toy preset is an MAE, which sees images in
 * the student's own scale; the release takes CLIP or DINO, each with its own.
 */
import { encode, encodeLayers, encoderSpecs, patchGrid, pooled } from "../architecture/asymmetricViT.ts";
import { classAttention } from "../architecture/classAttention.ts";
import { aligned, type DynamicAlignment, dynamicAlignmentSpecs } from "../architecture/dynamicAlignment.ts";
import { importanceSampling } from "../masking/importanceSampling.ts";
import { randomMasking } from "../masking/random.ts";
import { type Method, teacherOf } from "../method.ts";
import { prefixed, under } from "../nn/params.ts";
import { l1 } from "../objective/l1.ts";
import { l2 } from "../objective/l2.ts";
import { smoothL1 } from "../objective/smoothL1.ts";
import { concat, gather, mean, mul, slice, stopGradient, sumOf, type Tensor } from "../ops.ts";
import { frozen } from "../state/frozen.ts";
import { type FeatureNorm, normalizedFeatures } from "../target/normalizedFeatures.ts";
import { type MaeConfig, mae } from "./mae.ts";

/** The student is MAE's encoder; the decoder of its configuration is not used. */
export interface MaskAlignConfig extends MaeConfig {
  readonly teacher: MaeConfig;
  readonly sampling: "attention" | "random";
  readonly fusion: DynamicAlignment["fusion"];
  readonly head: DynamicAlignment["head"];
  readonly targetNorm: FeatureNorm;
  readonly distance: "smoothL1" | "l2" | "l1";
  /** Which of the teacher's layers count, with weights that add up to 1. */
  readonly layers: "mean" | "last" | "linearDecay" | { readonly top: number } | { readonly only: number };
}

const TEACHER = "teacher.";

const alignment = (c: MaskAlignConfig): DynamicAlignment => ({
  fusion: c.fusion,
  head: c.head,
  student: c,
  teacher: c.teacher,
  eps: c.eps,
});

export const maskAlign: Method<MaskAlignConfig> = {
  id: "maskalign",
  title: "MaskAlign",
  paper: "xue2023maskalign",
  source: "Xue et al. 2023, §3; OpenDriveLab/maskalign, models_pretrain.py; survey §3.8",
  recipe: {
    masking: { file: "masking/importanceSampling", does: "30 % stay, drawn in proportion to the teacher's attention" },
    target: { file: "target/normalizedFeatures", does: "a frozen teacher's last layers at the visible tokens" },
    objective: { file: "objective/smoothL1", does: "smooth L1 at the visible tokens, nothing hidden is foretold" },
    architecture: {
      file: "architecture/dynamicAlignment",
      does: "visible-only encoder, learned mixtures of its layers",
    },
  },
  published: {
    maskRatio: { value: 0.7, source: "OpenDriveLab/maskalign, README, --mask_ratio" },
    layers: { value: "the last 5 of 12", source: "OpenDriveLab/maskalign, README, --loss_weights top5" },
    teacher: { value: "CLIP ViT-B/16", source: "OpenDriveLab/maskalign, README, --teacher_model" },
    learningRate: {
      value: "1.5e-4 · batch / 256, 20 epochs of warm-up",
      source: "OpenDriveLab/maskalign, README, --blr, --warmup_epochs",
    },
    epochs: { value: 200, source: "OpenDriveLab/maskalign, README, --epochs" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/maskAlign.test.ts" },
  toy: {
    ...mae.toy,
    batch: 48,
    steps: 250,
    config: {
      ...mae.toy.config,
      maskRatio: 0.7,
      teacher: mae.toy.config,
      sampling: "attention",
      fusion: "linear",
      head: "linear",
      targetNorm: "whiten",
      distance: "smoothL1",
      layers: { top: 2 },
    },
  },
  specs: (c) => ({ ...encoderSpecs(c), ...dynamicAlignmentSpecs(alignment(c)) }),
  state: {
    init: (c) => frozen(prefixed(TEACHER, mae.specs(c.teacher))).init(),
    update: (_, state) => state,
  },
  teachers: (c) => [teacherOf({ prefix: TEACHER, method: mae, config: c.teacher, steps: 150, lr: mae.toy.lr })],
  guide: (c, _, { images }, state) => {
    const { weights } = encodeLayers(c.teacher, under(state, TEACHER), images!);
    return { attention: classAttention(weights.at(-1)!) }; //                             1    [N, L]
  },
  prepare: (c, { images }, draws, _, guide) => {
    const { L } = patchGrid(c);
    const N = images!.shape[0]!;
    const { idsKeep } =
      c.sampling === "attention"
        ? importanceSampling(draws, guide!.attention!.data, [N, L], c.maskRatio)
        : randomMasking(draws, N, L, c.maskRatio); //                                     2
    return { images: images!, idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep } };
  },
  evaluate: (c, p, { images, idsKeep }, state) => {
    const targets = teacherTargets(c, under(state, TEACHER), images!, idsKeep!); //       1    [N, 1 + K, F] each
    const { layers } = encodeLayers(c, p, images!, idsKeep!); //                          3    [N, 1 + K, D] each
    const pred = aligned(alignment(c), p, layers); //                                     4    [N, 1 + K, F] each
    const weights = layerWeights(c.layers, pred.length);
    const terms = pred.flatMap((x, a) => (weights[a]! > 0 ? [mul(distanceOf(c, x, targets[a]!), weights[a]!)] : []));
    return { loss: sumOf(...terms), outputs: { pred, targets, layers } }; //              5    []
  },
  encode: (c, p, { images }) => pooled(c, encode(c, p, images!).latent),
};

/** The teacher's layers at the class token and the visible patches; no gradient. */
function teacherTargets(
  c: MaskAlignConfig,
  teacher: Record<string, Tensor>,
  images: Tensor,
  idsKeep: Tensor,
): Tensor[] {
  return encodeLayers(c.teacher, teacher, images).layers.map((layer) => {
    const whole = stopGradient(normalizedFeatures(layer, c.targetNorm)); // [N, 1 + L, F]
    return concat([slice(whole, 1, 0, 1), gather(slice(whole, 1, 1), idsKeep)], 1);
  });
}

function distanceOf({ distance }: MaskAlignConfig, pred: Tensor, target: Tensor): Tensor {
  if (distance === "smoothL1") return mul(mean(smoothL1(pred, target)), 2);
  return mean((distance === "l2" ? l2 : l1)(pred, target));
}

/** Weight of each of the teacher's layers, first to last. */
function layerWeights(layers: MaskAlignConfig["layers"], count: number): number[] {
  const each = Array.from({ length: count }, (_, a) => a);
  if (layers === "mean") return each.map(() => 1 / count);
  if (layers === "last") return each.map((a) => (a === count - 1 ? 1 : 0));
  if (layers === "linearDecay") return each.map((a) => a / ((count * (count - 1)) / 2));
  if ("only" in layers) return each.map((a) => (a === layers.only ? 1 : 0));
  return each.map((a) => (a >= count - layers.top ? 1 / layers.top : 0));
}
