/**
 * MSN. Assran et al. 2022, Masked Siamese Networks for Label-Efficient Learning, §3.
 * Survey §2.2, Algorithm 2 (contrastive-based MIM), with prototypes in the place of negatives:
 *
 *   1  two views of an image; of the anchor's L patches a share is dropped           [N, K]
 *   2  z⁺ = head of f̄'s class token on the whole target view, f̄ a momentum copy      [N, d]
 *   3  z  = head of f's class token on the anchor's patches, and on small focal crops [(1 + F) N, d]
 *   4  p = softmax of cosines with the prototypes Q over τ; p⁺ the same of z⁺,
 *      sharpened by T and balanced by Sinkhorn's rounds, without gradient            [.., prototypes]
 *   5  loss = mean H(p⁺, p) + λ (log of their number - H(mean of p)) + μ mean H(p)   []
 *   6  f̄ follows f
 *
 * Differs from the released code: focal crops are cut out of the anchor's view and not resized.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import {
  encodeReplaced,
  encodeVisible,
  type ReplacedTokens,
  type ReplaceTokenViT,
  replaceTokenSpecs,
} from "../architecture/replaceTokenViT.ts";
import type { Draws } from "../draws.ts";
import { focalCrops } from "../masking/focalCrops.ts";
import type { HostTensor, Method } from "../method.ts";
import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param, prefixed, under } from "../nn/params.ts";
import {
  meanEntropy,
  prototypeShares,
  shareCrossEntropy,
  sharpen,
  unevenness,
} from "../objective/prototypeAssignment.ts";
import { sinkhorn } from "../objective/sinkhorn.ts";
import { concat, gelu, mul, select, stopGradient, sumOf, type Tensor } from "../ops.ts";
import { line } from "../schedule/line.ts";
import { namedTeacher } from "../state/namedTeacher.ts";

export interface MsnConfig extends ReplaceTokenViT {
  /** Share of the anchor's patches that is dropped; the same ones of every image of the batch. */
  readonly dropRatio: number;
  /** Side of a focal crop in pixels, and how many of them; none when 0. */
  readonly focalSize: number;
  readonly focalViews: number;
  readonly headHidden: number;
  readonly headOut: number;
  readonly prototypes: number;
  /** τ and T. */
  readonly temperature: number;
  readonly sharpening: number;
  readonly sinkhorn: boolean;
  /** λ and μ. */
  readonly evennessWeight: number;
  readonly entropyWeight: number;
  /** The teacher's decay at the first step; it reaches 1 a quarter of the run after its end. */
  readonly momentum: number;
}

const TARGET = "target_encoder.";
const teacher = namedTeacher(TARGET);

const viewOf = (c: MsnConfig): ReplaceTokenViT => ({ ...c, maskToken: false });

export const msn: Method<MsnConfig> = {
  id: "msn",
  title: "MSN",
  paper: "assran2022msn",
  source: "Assran et al. 2022, §3; survey §2.2, Algorithm 2",
  recipe: {
    masking: { file: "masking/focalCrops", does: "patches of the anchor dropped at random, and small crops" },
    target: { file: "state/namedTeacher", does: "the momentum copy's prototypes of the whole view" },
    objective: { file: "objective/prototypeAssignment", does: "cross-entropy over prototypes, all of them used" },
    architecture: { file: "architecture/replaceTokenViT", does: "encoder on visible patches, projection head" },
  },
  published: {
    dropRatio: { value: "0.15 (ViT-S)", source: "facebookresearch/msn, configs/pretrain/msn_vits16.yaml" },
    temperature: { value: 0.1, source: "facebookresearch/msn, configs/pretrain/msn_vits16.yaml" },
    sharpening: { value: 0.25, source: "facebookresearch/msn, configs/pretrain/msn_vits16.yaml" },
    prototypes: { value: 1024, source: "facebookresearch/msn, configs/pretrain/msn_vits16.yaml" },
    views: {
      value: "1 random, 10 focal of 96 pixels",
      source: "facebookresearch/msn, configs/pretrain/msn_vits16.yaml",
    },
    momentum: { value: "0.996 to 1", source: "facebookresearch/msn, src/msn_train.py" },
    epochs: { value: "800 (ViT-S)", source: "facebookresearch/msn, configs/pretrain/msn_vits16.yaml" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/msn.test.ts" },
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
      dropRatio: 0.5,
      focalSize: 16,
      focalViews: 2,
      headHidden: 128,
      headOut: 32,
      prototypes: 64,
      temperature: 0.1,
      sharpening: 0.25,
      sinkhorn: true,
      evennessWeight: 1,
      entropyWeight: 0,
      momentum: 0.99,
    },
  },
  specs: (c) => ({
    ...prefixed("encoder.", { ...replaceTokenSpecs(viewOf(c)), ...headSpecs(c) }),
    prototypes: { shape: [c.prototypes, c.headOut], init: "fanIn" },
  }),
  state: {
    init: (_, params) => teacher.init(under(params, "encoder.")),
    update: (_, state, params, { momentum }) => teacher.update(state, under(params, "encoder."), momentum!),
  },
  prepare: (c, { images, views }, draws, { step, steps }) => ({
    images: images!,
    views: views!,
    idsKeep: keptPatches(c, draws, images!.shape[0]!), //                                    1
    ...(c.focalViews > 0 && { focal: focalCrops(draws, views!, c.focalSize, c.focalViews) }),
    momentum: { shape: [], data: Float64Array.of(line(step, c.momentum, 1, 1.25 * steps)) },
  }),
  evaluate: (c, p, { images, views, idsKeep, focal }, state) => {
    const own = under(p, "encoder.");
    const whole = under(state, TARGET);
    const target = stopGradient(head(whole, encodeReplaced(viewOf(c), whole, images!))); // 2  [N, d]
    const anchors = [
      head(own, encodeVisible(viewOf(c), own, views!, idsKeep!)), //                         3  [N, d]
      ...(focal ? [head(own, encodeReplaced(viewOf(c), own, focal))] : []), //                  [F N, d]
    ];
    const shares = prototypeShares(concat(anchors, 0), param(p, "prototypes"), c.temperature); // 4
    const wanted = targetShares(c, target, param(p, "prototypes"));
    const targets = concat(Array<Tensor>(1 + c.focalViews).fill(wanted), 0);
    const agreement = shareCrossEntropy(shares, targets);
    const uneven = unevenness(shares);
    const entropy = meanEntropy(shares);
    const loss = sumOf(agreement, mul(uneven, c.evennessWeight), mul(entropy, c.entropyWeight)); // 5
    return { loss, outputs: { shares, targets, agreement, uneven, entropy } };
  },
  encode: (c, p, { images }) => select(encodeReplaced(viewOf(c), under(p, "encoder."), images!).latent, 1, 0),
};

/** p⁺, [N, prototypes], without gradient. */
export function targetShares(c: MsnConfig, target: Tensor, prototypes: Tensor): Tensor {
  const sharp = sharpen(prototypeShares(target, prototypes, c.temperature), c.sharpening);
  return stopGradient(c.sinkhorn ? sinkhorn(sharp) : sharp);
}

function keptPatches(c: MsnConfig, draws: Draws, N: number): HostTensor {
  const { L } = patchGrid(c);
  const K = Math.floor(L * (1 - c.dropRatio));
  const order = draws.permutation(L).subarray(0, K);
  return { shape: [N, K], data: Int32Array.from({ length: N * K }, (_, i) => order[i % K]!) };
}

/** Projection of the class token, [N, d]: three linear layers, batch normalisation and GELU between them. */
function head(p: Params, { latent }: ReplacedTokens): Tensor {
  const layer = (name: string, norm: string, x: Tensor) => gelu(batchNorm(p, norm, linear(p, name, x)));
  return linear(p, "fc.fc3", layer("fc.fc2", "fc.bn2", layer("fc.fc1", "fc.bn1", select(latent, 1, 0))));
}

const headSpecs = (c: MsnConfig): ParamSpecs => ({
  ...linearSpecs("fc.fc1", c.dim, c.headHidden),
  ...batchNormSpecs("fc.bn1", c.headHidden),
  ...linearSpecs("fc.fc2", c.headHidden, c.headHidden),
  ...batchNormSpecs("fc.bn2", c.headHidden),
  ...linearSpecs("fc.fc3", c.headHidden, c.headOut),
});
