/**
 * MST. Li et al. 2021, MST: Masked Self-Supervised Transformer for Visual Representation, §3.
 * Survey §2.1 and §2.2: self-distillation across views, and the image restored from a masked view.
 *
 *   1  a = the teacher's attention from class token to patches in its last block, mean over heads   [2N, L]
 *   2  the patches of least a are candidates; each is masked by a coin                               mask [2N, L]
 *   3  teacher on both whole views: P_t = softmax((scores - centre) / τ_t), without gradient         [N, K] each
 *   4  student on both views, the mask token in place of masked patches: scores, tokens              [N, K], [N, L, D]
 *   5  loss_cls = mean over a teacher's view and the student's other view of H(P_t, P_s)             []
 *   6  X̂ = decoder of all the student's tokens; loss_pixels = mean |X̂ - X| over the whole image      []
 *   7  loss = λ₁ loss_cls + λ₂ loss_pixels; teacher and centre follow by running means
 *
 * Share of candidates, coin and weights of the toy preset are ours: no released code was found. The decoder is one linear
 * layer.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { classAttention } from "../architecture/classAttention.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import { type LowAttentionOptions, lowAttentionMasking } from "../masking/lowAttention.ts";
import type { Method } from "../method.ts";
import { type Params, param, prefixed, under } from "../nn/params.ts";
import { pixelHead, pixelHeadSpecs } from "../nn/pixelHead.ts";
import { prototypeHead, prototypeHeadSpecs } from "../nn/prototypeHead.ts";
import { l1 } from "../objective/l1.ts";
import { crossViewLoss, teacherShares } from "../objective/selfDistillation.ts";
import { add, concat, mean, mul, repeat, reshape, select, slice, split, type Tensor } from "../ops.ts";
import { cosineValues } from "../schedule/cosine.ts";
import { centre } from "../state/centre.ts";
import { namedTeacher } from "../state/namedTeacher.ts";
import { filledPictures } from "../train/filledPictures.ts";

export interface MstConfig extends ReplaceTokenViT {
  readonly mask: LowAttentionOptions;
  readonly headHidden: number;
  readonly bottleneck: number;
  /** K. */
  readonly directions: number;
  readonly studentTemperature: number;
  readonly teacherTemperature: number;
  readonly centreMomentum: number;
  /** λ₁ and λ₂. */
  readonly classWeight: number;
  readonly pixelWeight: number;
  /** The teacher's decay at the first step; it ends at 1. */
  readonly momentum: number;
}

const TEACHER = "teacher.";
const teacher = namedTeacher(TEACHER);

export const mst: Method<MstConfig> = {
  id: "mst",
  title: "MST",
  paper: "li2021mst",
  source: "Li et al. 2021, §3; survey §2.1 and §2.2",
  recipe: {
    masking: { file: "masking/lowAttention", does: "patches that the teacher attends to least, by a coin" },
    target: { file: "state/namedTeacher", does: "raw pixels, and the momentum teacher's directions of the image" },
    objective: {
      file: "objective/selfDistillation",
      does: "cross-entropy across views, absolute difference of all pixels",
    },
    architecture: { file: "architecture/replaceTokenViT", does: "encoder on patches and mask tokens, linear decoder" },
  },
  published: {
    epochs: { value: "300 (DeiT-S, linear), 100 (dense tasks)", source: "abstract" },
    linear: { value: "76.9 % top-1, DeiT-S", source: "abstract" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mst.test.ts" },
  toy: {
    modality: "views",
    batch: 16,
    steps: 500,
    lr: 3e-3,
    tried:
      "200 steps of 32 pictures gained 4.6 and 7.6 points with two seeds; 500 steps of 16 gained 5.4, 13.4 and −0.6.",
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
      mask: { candidates: 0.5, probability: 0.5 },
      headHidden: 128,
      bottleneck: 32,
      directions: 128,
      studentTemperature: 0.1,
      teacherTemperature: 0.04,
      centreMomentum: 0.9,
      classWeight: 1,
      pixelWeight: 1,
      momentum: 0.99,
    },
  },
  specs: (c) => ({
    ...prefixed("backbone.", replaceTokenSpecs(c)),
    ...prototypeHeadSpecs("head", { inner: c.dim, hidden: c.headHidden, bottleneck: c.bottleneck, out: c.directions }),
    ...pixelHeadSpecs("decoder.0", c.dim, c.patchSize, c.channels),
  }),
  state: {
    init: (c, params) => ({ ...teacher.init(params), center: centre.init([1, c.directions]) }),
    update: (c, state, params, { momentum }, { teacherCls }) => ({
      ...teacher.update(state, params, momentum!),
      center: centre.update(param(state, "center"), teacherCls as Tensor, c.centreMomentum),
    }),
  },
  guide: (c, _, { images, views }, state) => {
    const { weights } = encodeReplaced(c, under(state, `${TEACHER}backbone.`), both(images!, views!));
    return { attention: classAttention(weights.at(-1)!) }; //                                     1  [2N, L]
  },
  prepare: (c, { images, views }, draws, { step, steps }, guide) => {
    const { L } = patchGrid(c);
    const N = images!.shape[0]!;
    const mask = lowAttentionMasking(draws, guide!.attention!.data, [2 * N, L], c.mask); //       2
    return {
      images: images!,
      views: views!,
      mask: { shape: [2 * N, L], data: mask },
      momentum: { shape: [], data: Float64Array.of(cosineValues(c.momentum, 1, steps)[step] ?? 1) },
    };
  },
  evaluate: (c, p, { images, views, mask }, state) => {
    const whole = both(images!, views!); //                                                       [2N, C, H, W]
    const master = under(state, TEACHER);
    const teacherCls = scores(master, encodeReplaced(c, under(master, "backbone."), whole).latent); // [2N, K]
    const shares = teacherShares(teacherCls, param(state, "center"), c.teacherTemperature); // 3
    const { latent } = encodeReplaced(c, under(p, "backbone."), whole, mask!); //              4  [2N, 1 + L, D]
    const ofClass = crossViewLoss(split(scores(p, latent), 2, 0), split(shares, 2, 0), c.studentTemperature); // 5
    const { h, w } = patchGrid(c);
    const pred = pixelHead(p, "decoder.0", slice(latent, 1, 1), c.patchSize, [h, w]); //       6  [2N, C, H, W]
    const ofPixels = mean(l1(pred, whole));
    const loss = add(mul(ofClass, c.classWeight), mul(ofPixels, c.pixelWeight)); //            7
    return { loss, outputs: { pred, teacherCls, ofClass, ofPixels } };
  },
  encode: (c, p, { images }) => select(encodeReplaced(c, under(p, "backbone."), images!).latent, 1, 0),
  pictures: (c, { images, mask }, { pred }) => {
    const N = images!.shape[0] as number;
    const { h, w } = patchGrid(c);
    const cells = reshape(slice(mask!, 0, 0, N), [N, 1, h, w]);
    const hidden = repeat(repeat(cells, c.patchSize, 2), c.patchSize, 3);
    return filledPictures(images!, hidden, slice(pred as Tensor, 0, 0, N));
  },
};

const both = (images: Tensor, views: Tensor): Tensor => concat([images, views], 0);

const scores = (p: Params, latent: Tensor): Tensor => prototypeHead(p, "head", select(latent, 1, 0));
