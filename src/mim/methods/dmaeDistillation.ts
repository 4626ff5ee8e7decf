/**
 * DMAE (distillation). Bai et al. 2023, Masked Autoencoders Enable Efficient Knowledge Distillers (UCSC-VLAA/DMAE).
 *
 *   1  I_v = mask(P), random, 75 % hidden, the same for both networks          [N, K]
 *   2  F = output of block b' of a trained, frozen, larger MAE on I_v           [N, 1 + K, D_T]
 *   3  f = output of block b of the student's encoder on I_v                    [N, 1 + K, D]
 *   4  distil = mean |norm(W f) - norm(F)|, norm to unit length per token        []
 *   5  loss_rec = MAE's loss of the student                                     []
 *   6  loss = loss_rec + Σ distil over the pairs of blocks                      []
 *
 * The teacher runs only as far as its last aligned block, and only on the visible patches.
 */
import { type AsymmetricViT, decode, encodeLayers } from "../architecture/asymmetricViT.ts";
import { type Method, teacherOf } from "../method.ts";
import { mlp } from "../nn/block.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, prefixed, under } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { meanDistance } from "../objective/meanDistance.ts";
import { normalize, stopGradient, sumOf, type Tensor, zerosLike } from "../ops.ts";
import { frozen } from "../state/frozen.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface DmaeDistillationConfig extends MaeConfig {
  readonly teacher: MaeConfig;
  /** Blocks of the student that imitate, and the teacher's blocks that they imitate, in pairs. */
  readonly alignedBlocks: readonly number[];
  readonly teacherBlocks: readonly number[];
  readonly distance: "l1" | "l2";
  /** From the student's width to the teacher's; with "none" both must be equal and no side is normalised. */
  readonly projection: "linear" | "mlp" | "twoMlps" | "none";
  /** What the student reconstructs; "teacher" is the teacher's own prediction. */
  readonly reconstruct: "pixels" | "teacher" | "none";
}

const TEACHER = "teacher.";
const HEADS = "aligned_feature_projection_heads";

const toyTeacher: MaeConfig = { ...mae.toy.config, dim: 96, depth: 4, heads: 4 };

export const dmaeDistillation: Method<DmaeDistillationConfig> = {
  ...mae,
  id: "dmae_distillation",
  title: "DMAE (distillation)",
  paper: "bai2023dmae",
  source: "Bai et al. 2023; UCSC-VLAA/DMAE, models_mae_distill.py and engine_distill.py",
  algorithm: null,
  recipe: {
    ...mae.recipe,
    target: { file: "state/frozen", does: "normalised pixels, and a teacher's features of the visible patches" },
    objective: { file: "objective/meanDistance", does: "mean square, and mean distance of unit features" },
  },
  published: {
    maskRatio: { value: 0.75, source: "UCSC-VLAA/DMAE, pretrain.sh" },
    blocks: { value: "block 9 of 12 imitates block 18 of 24", source: "UCSC-VLAA/DMAE, pretrain.sh" },
    distance: { value: "L1", source: "UCSC-VLAA/DMAE, pretrain.sh" },
    epochs: { value: 100, source: "UCSC-VLAA/DMAE, pretrain.sh" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/dmae.json.gz" },
  toy: {
    ...mae.toy,
    batch: 48,
    steps: 300,
    config: {
      ...mae.toy.config,
      teacher: toyTeacher,
      alignedBlocks: [1],
      teacherBlocks: [2],
      distance: "l1",
      projection: "linear",
      reconstruct: "pixels",
    },
  },
  specs: (c) => ({ ...mae.specs(c), ...headSpecs(c) }),
  state: {
    init: (c) => frozen(prefixed(TEACHER, mae.specs(c.teacher))).init(),
    update: (_, teacher) => teacher,
  },
  teachers: (c) => [teacherOf({ prefix: TEACHER, method: mae, config: c.teacher, steps: 200, lr: 1e-3 })],
  evaluate: (c, p, { images, idsKeep, idsRestore, mask }, state) => {
    const teacher = under(state, TEACHER);
    const depth = c.reconstruct === "teacher" ? c.teacher.depth : Math.max(...c.teacherBlocks) + 1;
    const { layers: all } = encodeLayers({ ...c.teacher, depth }, teacher, images!, idsKeep); //       2
    const features = c.teacherBlocks.map((b) => stopGradient(all[b]!));
    const { layers } = encodeLayers(c, p, images!, idsKeep); //                                       3
    const distil = c.alignedBlocks.map((b, i) => alignment(c, p, i, layers[b]!, features[i]!)); //     4
    const latent = layerNorm(p, "norm", layers.at(-1)!, c.eps); //                  [N, 1 + K, D]
    const { pred } = decode(c, p, latent, idsRestore!); //                          [N, L, p²C]
    const target =
      c.reconstruct === "teacher" ? said(c.teacher, teacher, all.at(-1)!, idsRestore!) : pixels(c, images!);
    const lossRec = c.reconstruct === "none" ? zerosLike(distil[0]!) : maskedMean(l2(pred, target), mask!); //                                                              5
    return { loss: sumOf(lossRec, ...distil), outputs: { pred, latent, features, distil, lossRec } }; // 6
  },
};

/** Distance between a student's and a teacher's features of one pair of blocks. */
function alignment(c: DmaeDistillationConfig, p: Params, i: number, student: Tensor, teacher: Tensor): Tensor {
  if (c.projection === "none") return meanDistance(c.distance, teacher, student);
  return meanDistance(c.distance, normalize(teacher), normalize(projected(c, p, `${HEADS}.${i}`, student)));
}

function projected(c: DmaeDistillationConfig, p: Params, name: string, x: Tensor): Tensor {
  if (c.projection === "linear") return linear(p, name, x);
  if (c.projection === "mlp") return mlp(p, name, x, c.activation);
  return mlp(p, `${name}.1`, mlp(p, `${name}.0`, x, c.activation), c.activation);
}

function headSpecs(c: DmaeDistillationConfig): ParamSpecs {
  const [D, T] = [c.dim, c.teacher.dim];
  const mlpSpecs = (name: string, inner: number) => ({
    ...linearSpecs(`${name}.fc1`, inner, T),
    ...linearSpecs(`${name}.fc2`, T, T),
  });
  const specs = c.alignedBlocks.map((_, i) => {
    const name = `${HEADS}.${i}`;
    if (c.projection === "linear") return linearSpecs(name, D, T);
    if (c.projection === "mlp") return mlpSpecs(name, D);
    return c.projection === "twoMlps" ? { ...mlpSpecs(`${name}.0`, D), ...mlpSpecs(`${name}.1`, T) } : {};
  });
  return Object.assign({}, ...specs);
}

function pixels(c: DmaeDistillationConfig, images: Tensor): Tensor {
  const P = patchify(images, c.patchSize);
  return c.normalizedTarget ? normalizedPixels(P) : P;
}

/** What the teacher predicts, [N, L, p²C]. */
const said = (c: AsymmetricViT, p: Params, last: Tensor, idsRestore: Tensor): Tensor =>
  stopGradient(decode(c, p, layerNorm(p, "norm", last, c.eps), idsRestore).pred);
