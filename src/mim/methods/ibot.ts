/**
 * iBOT. Zhou et al. 2022, iBOT: Image BERT Pre-Training with Online Tokenizer, §3.
 * Survey §2.1 and §2.2: a momentum teacher is the tokenizer, for patches and for the image at once.
 *
 *   1  u, v two views of an image; blocks of patches of each are masked for the student      masks [N, L]
 *   2  teacher on whole u, v: scores of class token and patches in K directions              [N, K], [N, L, K]
 *      P⁺ = softmax((scores - centre) / τ_t), without gradient
 *   3  student on u, v with the mask token in place of masked patches, and on small crops    [N, K], [N, L, K]
 *   4  loss_cls = mean over a teacher's view and another view of the student's of H(P⁺, P)   []
 *   5  loss_patch = mean over masked patches of H(P⁺, P), both of the same view              []
 *   6  loss = λ₁ loss_cls + λ₂ loss_patch; teacher and centres follow by running means
 *
 * Differs from the released code: small crops are cut out of the second view and not resized.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import type { Draws } from "../draws.ts";
import type { RatioRange } from "../masking/drawnShare.ts";
import { focalCrops } from "../masking/focalCrops.ts";
import { raggedBlocks } from "../masking/raggedBlocks.ts";
import type { HostInputs, HostTensor, Method, Progress } from "../method.ts";
import { type Params, param, prefixed, under } from "../nn/params.ts";
import { prototypeHead, prototypeHeadSpecs } from "../nn/prototypeHead.ts";
import { crossViewLoss, maskedPatchLoss, teacherShares } from "../objective/selfDistillation.ts";
import { add, concat, mul, select, slice, split, type Tensor } from "../ops.ts";
import { cosineValues } from "../schedule/cosine.ts";
import { warmupLine } from "../schedule/warmupLine.ts";
import { centre } from "../state/centre.ts";
import { namedTeacher } from "../state/namedTeacher.ts";

export interface IbotConfig extends ReplaceTokenViT {
  readonly maskRatios: readonly RatioRange[];
  /** Side of a small crop in pixels, and how many; none when 0. */
  readonly cropSize: number;
  readonly crops: number;
  readonly headHidden: number;
  readonly bottleneck: number;
  /** K; class token and patches share the head. */
  readonly directions: number;
  readonly studentTemperature: number;
  /** τ_t of class tokens and of patches. */
  readonly classTemperature: Warming;
  readonly patchTemperature: Warming;
  readonly centreMomentum: number;
  /** λ₁ and λ₂. */
  readonly classWeight: number;
  readonly patchWeight: number;
  /** The teacher's decay at the first step; it ends at 1. */
  readonly momentum: number;
}

/** From `start` in a line to `end` over a share of the run. */
interface Warming {
  readonly start: number;
  readonly end: number;
  readonly share: number;
}

/** The teacher's parameters in the state. */
export const TEACHER = "teacher.";
const teacher = namedTeacher(TEACHER);

/** The encoder, whose mask token has a name of its own. */
export const backboneOf = (c: IbotConfig): ReplaceTokenViT => ({ ...c, maskToken: "masked_embed" });

/** Scores of the class token [N, K] and of the patches [N, L, K]. */
function scores(c: IbotConfig, p: Params, images: Tensor, mask?: Tensor): { cls: Tensor; patches: Tensor } {
  const { latent } = encodeReplaced(backboneOf(c), under(p, "backbone."), images, mask);
  const all = prototypeHead(p, "head", latent); // [N, 1 + L, K]
  return { cls: select(all, 1, 0), patches: slice(all, 1, 1) };
}

/** What a step needs beside the masks of both views [2N, L]: small crops, temperatures and the teacher's momentum. */
export function maskedViews(
  c: IbotConfig,
  { images, views }: HostInputs,
  draws: Draws,
  { step, steps }: Progress,
  mask: HostTensor,
): HostInputs {
  const scalar = (value: number) => ({ shape: [], data: Float64Array.of(value) });
  const warmed = ({ start, end, share }: Warming) => scalar(warmupLine(step, start, end, Math.ceil(share * steps)));
  return {
    images: images!,
    views: views!,
    mask,
    ...(c.crops > 0 && { crops: focalCrops(draws, views!, c.cropSize, c.crops) }),
    classTemperature: warmed(c.classTemperature),
    patchTemperature: warmed(c.patchTemperature),
    momentum: scalar(cosineValues(c.momentum, 1, steps)[step] ?? 1),
  };
}

export const ibot: Method<IbotConfig> = {
  id: "ibot",
  title: "iBOT",
  paper: null,
  source: "Zhou et al. 2022, §3; survey §2.1 and §2.2",
  recipe: {
    masking: { file: "masking/raggedBlocks", does: "blocks of patches, a different share of each image" },
    target: { file: "state/namedTeacher", does: "the momentum teacher's directions of class token and patches" },
    objective: { file: "objective/selfDistillation", does: "cross-entropy across views and over masked patches" },
    architecture: { file: "nn/prototypeHead", does: "encoder on patches and mask tokens, head shared by all tokens" },
  },
  published: {
    maskRatio: { value: 0.3, source: "bytedance/ibot, main_ibot.py, --pred_ratio" },
    directions: { value: 8192, source: "bytedance/ibot, main_ibot.py, --out_dim" },
    patchTemperature: { value: "0.04 to 0.07 in 30 epochs", source: "bytedance/ibot, main_ibot.py" },
    momentum: { value: "0.996 to 1, cosine", source: "bytedance/ibot, main_ibot.py, --momentum_teacher" },
    weightDecay: { value: "0.04 to 0.4, cosine", source: "bytedance/ibot, main_ibot.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/ibot.test.ts" },
  toy: {
    modality: "views",
    batch: 32,
    steps: 200,
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
      qkvBias: true,
      maskRatios: [
        { middle: 0, spread: 0 },
        { middle: 0.3, spread: 0.2 },
      ],
      cropSize: 16,
      crops: 2,
      headHidden: 128,
      bottleneck: 32,
      directions: 128,
      studentTemperature: 0.1,
      classTemperature: { start: 0.04, end: 0.04, share: 0.3 },
      patchTemperature: { start: 0.04, end: 0.07, share: 0.3 },
      centreMomentum: 0.9,
      classWeight: 1,
      patchWeight: 1,
      momentum: 0.99,
    },
  },
  specs: (c) => ({
    ...prefixed("backbone.", replaceTokenSpecs(backboneOf(c))),
    ...prototypeHeadSpecs("head", { inner: c.dim, hidden: c.headHidden, bottleneck: c.bottleneck, out: c.directions }),
  }),
  state: {
    init: (c, params) => ({
      ...teacher.init(params),
      center: centre.init([1, c.directions]),
      center2: centre.init([1, 1, c.directions]),
    }),
    update: (c, state, params, { momentum }, { teacherCls, teacherPatches }) => ({
      ...teacher.update(state, params, momentum!),
      center: centre.update(param(state, "center"), teacherCls as Tensor, c.centreMomentum),
      center2: centre.update(param(state, "center2"), teacherPatches as Tensor, c.centreMomentum),
    }),
  },
  prepare: (c, batch, draws, progress) => {
    const { h, w, L } = patchGrid(c);
    const N = batch.images!.shape[0]!;
    const mask = raggedBlocks(draws, 2 * N, [h, w], c.maskRatios); //                              1
    return maskedViews(c, batch, draws, progress, { shape: [2 * N, L], data: mask });
  },
  evaluate: (c, p, { images, views, mask, crops, classTemperature, patchTemperature }, state) => {
    const both = concat([images!, views!], 0); //                                                     [2N, C, H, W]
    const whole = scores(c, under(state, TEACHER), both); //                                   2
    const shares = teacherShares(whole.cls, param(state, "center"), classTemperature!);
    const patchShares = teacherShares(whole.patches, param(state, "center2"), patchTemperature!);
    const seen = scores(c, p, both, mask!); //                                                 3
    const small = crops ? split(scores(c, p, crops).cls, c.crops, 0) : [];
    const ofClass = crossViewLoss([...halves(seen.cls), ...small], halves(shares), c.studentTemperature); // 4
    const ofPatches = maskedPatchLoss(halves(seen.patches), halves(patchShares), halves(mask!), c.studentTemperature); // 5
    const loss = add(mul(ofClass, c.classWeight), mul(ofPatches, c.patchWeight)); //           6
    return {
      loss,
      outputs: {
        ofClass,
        ofPatches,
        studentPatches: seen.patches,
        patchShares,
        teacherCls: whole.cls,
        teacherPatches: whole.patches,
      },
    };
  },
  encode: (c, p, { images }) => select(encodeReplaced(backboneOf(c), under(p, "backbone."), images!).latent, 1, 0),
};

const halves = (x: Tensor): Tensor[] => split(x, 2, 0);
