/**
 * CMAE. Huang et al. 2023, Contrastive Masked Autoencoders are Stronger Vision Learners (ZhichengHuang/CMAE).
 *
 *   1  x, x' = two crops of one picture, a few pixels apart                     [N, C, H, W] each
 *   2  Z = E(visible patches of x);  Z' = E'(all patches of x'), E' a momentum copy without the last normalisation
 *   3  P̂ = pixel decoder of Z,  F = feature decoder of Z                         [N, L, p²C], [N, L, D]
 *   4  q = predictor(projector(mean of F)),  k = projector'(mean of Z')          [N, d] each
 *   5  loss_ct = 2τ · cross-entropy that picks each q's own k in the batch       []
 *   6  loss_rc = mean square of P̂ over the hidden patches, pixels normalised     []
 *   7  loss = loss_ct + loss_rc; E' and projector' follow E and projector        []
 *
 * Parameters are named as in the released code, built on open-mmlab's transformer.
 */
import {
  type AsymmetricViT,
  decode,
  decoderSpecs,
  encode,
  encodeLayers,
  encoderSpecs,
  patchGrid,
  pooled,
} from "../architecture/asymmetricViT.ts";
import type { Draws } from "../draws.ts";
import { blockUnits } from "../masking/blockUnits.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { Evaluation, HostTensor, Method } from "../method.ts";
import { type BatchNormMlp, batchNormMlp, batchNormMlpSpecs } from "../nn/batchNormMlp.ts";
import { fromOpenMmlab, openMmlab } from "../nn/openMmlabNames.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { infoNce } from "../objective/infoNce.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, mean, mul, slice, stopGradient, type Tensor } from "../ops.ts";
import { momentumTeacher } from "../state/momentumTeacher.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";
import { mae } from "./mae.ts";

export interface CmaeConfig extends AsymmetricViT {
  /** Side of the crops; imageSize is that of the picture they are cut from. */
  readonly cropSize: number;
  readonly maskRatio: number;
  /** Side of the blocks of patches that are hidden together. */
  readonly maskUnit: number;
  readonly featureDecoderDepth: number;
  readonly projector: { readonly hidden: number; readonly out: number };
  readonly temperature: number;
  readonly contrastWeight: number;
  readonly reconstructionWeight: number;
  readonly momentum: number;
}

const { normalizedTarget: _, ...toyConfig } = mae.toy.config;

export const cmae: Method<CmaeConfig> = {
  id: "cmae",
  title: "CMAE",
  paper: "huang2023cmae",
  source: "Huang et al. 2023; ZhichengHuang/CMAE, cmae.py and cmae_head.py",
  recipe: {
    masking: { file: "masking/blockUnits", does: "65 % of the blocks of 2 x 2 patches" },
    target: { file: "state/momentumTeacher", does: "normalised pixels, and a momentum copy's mean feature" },
    objective: { file: "objective/infoNce", does: "mean square over hidden patches, and InfoNCE" },
    architecture: { file: "architecture/asymmetricViT", does: "visible-only encoder, pixel and feature decoders" },
  },
  published: {
    maskRatio: { value: 0.65, source: "ZhichengHuang/CMAE, cmae_vit-base-p16_32xb128-coslr-300e_in1k.py" },
    shift: { value: "0 to 31 pixels", source: "the same file" },
    momentum: { value: 0.996, source: "the same file" },
    temperature: { value: 0.07, source: "the same file" },
    contrastWeight: { value: 1, source: "the same file" },
    featureDecoder: { value: "2 blocks, 512 wide", source: "the same file" },
    projector: { value: "1,536 hidden, 256 out", source: "the same file" },
    learningRate: { value: "1.5e-4 · batch / 256, 40 of 300 epochs of warm-up", source: "the same file" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/cmae.test.ts" },
  toy: {
    ...mae.toy,
    batch: 16,
    steps: 1000,
    config: {
      ...toyConfig,
      imageSize: [36, 36],
      cropSize: 32,
      maskRatio: 0.65,
      maskUnit: 1,
      featureDecoderDepth: 1,
      projector: { hidden: 64, out: 32 },
      temperature: 0.07,
      contrastWeight: 0.1, // at 1, batches of so few pictures teach what tells the pictures apart and not their kinds
      reconstructionWeight: 1,
      momentum: 0.98,
    },
  },
  specs: (c) => {
    const crop = cropped(c);
    return {
      ...openMmlab("backbone.", encoderSpecs(crop)),
      ...openMmlab("pixel_decoder.", decoderSpecs(crop)),
      ...openMmlab("feature_decoder.", decoderSpecs(featureDecoder(c))),
      ...batchNormMlpSpecs("projector", projector(c)),
      ...batchNormMlpSpecs("head.predictor", predictor(c)),
    };
  },
  state: {
    init: (_, params) => momentumTeacher.init(followers(params)),
    update: (c, state, params) => momentumTeacher.update(state, followers(params), c.momentum),
  },
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { h, w, L } = patchGrid(cropped(c));
    const online = shiftedCrop(draws, images!, c.cropSize); //                               1
    const target = shiftedCrop(draws, images!, c.cropSize);
    const mask = blockUnits(draws, N, [h, w], { maskRatio: c.maskRatio, unit: c.maskUnit });
    const { idsKeep, idsRestore } = visibleFirst(mask, N, L);
    return {
      images: online,
      targets: target,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
  evaluate: (c, p, { images, targets, idsKeep, idsRestore, mask }, state) => {
    const crop = cropped(c);
    const { latent } = encode(crop, part(p, "backbone.", encoderSpecs(crop)), images!, idsKeep); //        2
    const copy = part(state, "target_backbone.", encoderSpecs(crop));
    const latentTarget = stopGradient(encodeLayers(crop, copy, targets!).layers.at(-1)!); //  [N, 1 + L, D]
    const { pred } = decode(crop, part(p, "pixel_decoder.", decoderSpecs(crop)), latent, idsRestore!); //  3
    const c2 = featureDecoder(c);
    const features = decode(c2, part(p, "feature_decoder.", decoderSpecs(c2)), latent, idsRestore!).pred;
    const made = { images: images!, pred, mask: mask!, features, latentTarget };
    const { loss, outputs } = cmaeObjective(c, { ...state, ...p }, made); //                               4-7
    return { loss, outputs: { ...outputs, pred, latent, features, latentTarget } };
  },
  encode: (c, p, { images }) => {
    const crop = cropped(c);
    const inset = Math.floor((c.imageSize[0] - c.cropSize) / 2);
    const rows = slice(images!, 2, inset, inset + c.cropSize);
    const middle = slice(rows, 3, inset, inset + c.cropSize);
    return pooled(crop, encode(crop, part(p, "backbone.", encoderSpecs(crop)), middle).latent);
  },
  pictures: (c, { images, mask }, { pred }) =>
    maskedPictures({ ...cropped(c), normalizedTarget: true }, images!, mask!, pred as Tensor),
};

/**
 * Steps 4 to 7 from what the networks gave: pixel predictions [N, L, p²C], features [N, L, D], the copy's latent with its
 * class token [N, 1 + L, D]. `p` holds projector, target_projector and head.predictor.
 */
export function cmaeObjective(
  c: Pick<CmaeConfig, "patchSize" | "temperature" | "contrastWeight" | "reconstructionWeight"> & {
    /** Of the heads' batch normalisation. */
    readonly headEps?: number;
  },
  p: Params,
  x: {
    readonly images: Tensor;
    readonly pred: Tensor;
    readonly mask: Tensor;
    readonly features: Tensor;
    readonly latentTarget: Tensor;
  },
): Evaluation {
  const projected = batchNormMlp(p, "projector", mean(x.features, 1), c.headEps); //                            4    [N, d]
  const key = batchNormMlp(p, "target_projector", mean(slice(x.latentTarget, 1, 1), 1), c.headEps); //               [N, d]
  const query = batchNormMlp(p, "head.predictor", projected, c.headEps); //                                          [N, d]
  const contrast = infoNce(query, stopGradient(key), c.temperature);
  const lossContrast = mul(contrast, 2 * c.temperature * c.contrastWeight); //                              5    []
  const target = normalizedPixels(patchify(x.images, c.patchSize));
  const lossReconstruction = mul(maskedMean(l2(x.pred, target), x.mask), c.reconstructionWeight); //       6    []
  const loss = add(lossContrast, lossReconstruction); //                                                   7    []
  return { loss, outputs: { projected, key, lossContrast, lossReconstruction } };
}

const cropped = (c: CmaeConfig): AsymmetricViT => ({ ...c, imageSize: [c.cropSize, c.cropSize] });
const featureDecoder = (c: CmaeConfig): AsymmetricViT => ({
  ...cropped(c),
  decoderDepth: c.featureDecoderDepth,
  predicted: c.dim,
});
const projector = (c: CmaeConfig): BatchNormMlp => ({ inner: c.dim, ...c.projector });
const predictor = (c: CmaeConfig): BatchNormMlp => ({ inner: c.projector.out, ...c.projector });

const part = (p: Params, prefix: string, specs: ParamSpecs): Params => fromOpenMmlab(prefix, p, Object.keys(specs));

/** What the momentum copy follows, under its own names. */
const followers = <T>(params: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, x]) =>
      /^(backbone|projector)\./.test(name) ? [[`target_${name}`, x]] : [],
    ),
  );

/** For each picture [C, H, W] a square of `side` pixels at a random place. */
function shiftedCrop(draws: Draws, { shape, data }: HostTensor, side: number): HostTensor {
  const [N, C, H, W] = shape as [number, number, number, number];
  const out = new Float64Array(N * C * side * side);
  for (let n = 0; n < N; n++) {
    const [top, left] = [draws.integer(0, H - side + 1), draws.integer(0, W - side + 1)];
    for (let c = 0; c < C; c++) {
      for (let y = 0; y < side; y++) {
        const from = ((n * C + c) * H + top + y) * W + left;
        out.set(data.subarray(from, from + side), ((n * C + c) * side + y) * side);
      }
    }
  }
  return { shape: [N, C, side, side], data: out };
}
