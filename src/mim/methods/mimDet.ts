/**
 * MIMDet. Fang et al. 2023, Unleashing Vanilla Vision Transformer with Masked Image Modeling for Object Detection, §3;
 * hustvl/MIMDet. A masked autoencoder goes on seeing parts of the image while it learns to detect:
 *
 *   0  MAE on the same images (survey §2.1, Algorithm 1) gives encoder and decoder their weights
 *   1  C_2, C_3, C_4' = convolutional stem at strides 4, 8, 16, new                          [N, D_i, h_i, w_i]
 *   2  I_s: a random share r of the L tokens of C_4'                                         [N, K]
 *   3  Z = encoder of C_4'[I_s], with positions                                              [N, K, D]
 *   4  U = W₁ Z at I_s, W₂ C_4' elsewhere: no mask tokens                                    [N, L, D']
 *   5  C_4 = decoder of U, with positions; C_5 = C_4, pooled                                 [N, D', h, w]
 *   6  a feature pyramid of C_2 … C_5, and a detector on it
 *   7  loss = the detector's
 *
 * At test time all tokens are seen. MAE's class token stays behind; encoder and decoder have eps 1e-5 in the release's configurations,
 * though MAE was trained with 1e-6 (the encoder's class has 1e-6 unless told otherwise, the decoder's 1e-5). The survey lists the method as a backbone with MAE beside it (Table 3).
 * Differs from the released code: instead of Mask R-CNN the pyramid's finest map says centres, classes and sizes of boxes
 * (CenterNet), without masks of instances; no normalisation in the pyramid; all images have one size, so that positions need no
 * interpolation and no padding is left out of the sample. The toy preset's stem has three layers, patches of 8 pixels, for its images
 * have 32. It learns from labelled boxes: its features are not self-supervised.
 */
import { type AsymmetricViT, patchGrid } from "../architecture/asymmetricViT.ts";
import { featurePyramid, featurePyramidSpecs } from "../architecture/featurePyramid.ts";
import { type HybridDetector, hybridMaps, hybridSpecs, hybridWidths } from "../architecture/hybridDetector.ts";
import { keepSmallest } from "../masking/random.ts";
import { type Method, teacherOf } from "../method.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { type ParamSpecs, type Params, prefixed, under } from "../nn/params.ts";
import { centerFocal } from "../objective/centerFocal.ts";
import { abs, add, div, maximum, mean, mul, relu, sub, sum, type Tensor } from "../ops.ts";
import { centerMaps } from "../target/centerMaps.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface MimDetConfig extends HybridDetector {
  /** r, share of the tokens that the encoder sees in training. */
  readonly sampleRatio: number;
  /** Width of the pyramid. */
  readonly pyramidDim: number;
  readonly classes: number;
  /** Weight of the sizes' loss. */
  readonly sizeWeight: number;
  /** Share of the patches that the MAE before hides. */
  readonly maskRatio: number;
}

const BACKBONE = "backbone.";
const STAGES = `${BACKBONE}bottom_up.`;
/** Stride of the pyramid's finest map, whose cells hold centres. */
const STRIDE = 4;

const pretrained = (c: MimDetConfig): MaeConfig => ({
  ...(c as AsymmetricViT),
  maskRatio: c.maskRatio,
  normalizedTarget: true,
});

const halfOf = (name: string): string => (/^(decoder_|mask_token)/.test(name) ? `decoder.${name}` : `encoder.${name}`);

/** MAE with its parameters under the detector's names. */
export const detectorsMae: Method<MaeConfig> = {
  ...mae,
  specs: (c) => Object.fromEntries(Object.entries(mae.specs(c)).map(([name, spec]) => [halfOf(name), spec])),
  evaluate: (c, p, inputs, state) =>
    mae.evaluate(c, { ...under(p, "encoder."), ...under(p, "decoder.") }, inputs, state),
};

function headSpecs(c: MimDetConfig): ParamSpecs {
  const D = c.pyramidDim;
  return {
    ...convolutionSpecs("center_head.conv", D, D, [3, 3]),
    ...convolutionSpecs("center_head.heat", D, c.classes, [1, 1]),
    "center_head.heat.bias": { shape: [c.classes], init: { constant: -2.19 } }, // p = 0.1 at the start, as CenterNet
    ...convolutionSpecs("center_head.size", D, 2, [1, 1]),
  };
}

/** What the detector says of a pyramid: classes' scores [N, classes, h, w] and sizes [N, 2, h, w] on its finest map. */
function detect(p: Params, pyramid: readonly Tensor[]): { readonly scores: Tensor; readonly sizes: Tensor } {
  const x = relu(convolution(p, "center_head.conv", pyramid[0]!, { padding: 1 }));
  return { scores: convolution(p, "center_head.heat", x), sizes: convolution(p, "center_head.size", x) };
}

export const mimDet: Method<MimDetConfig> = {
  id: "mimdet",
  title: "MIMDet",
  paper: "fang2023mimdet",
  source: "Fang et al. 2023, §3; hustvl/MIMDet, models/mimdet.py; survey §3.4, Table 3",
  recipe: {
    masking: { file: "masking/random", does: "the encoder sees half of the tokens while the detector trains" },
    target: { file: "target/centerMaps", does: "centres, classes and sizes of boxes; before, pixels as in MAE" },
    objective: { file: "objective/centerFocal", does: "focal loss of centres, absolute difference of sizes" },
    architecture: {
      file: "architecture/hybridDetector",
      does: "stem, MAE's encoder on a sample, MAE's decoder filled up from the stem, pyramid",
    },
  },
  published: {
    sampleRatio: { value: "0.5 or 0.25, 1 at test", source: "hustvl/MIMDet, configs/mimdet and README" },
    decoder: { value: "4 blocks, 512 wide", source: "hustvl/MIMDet, configs/mimdet, vit_base, sr_0p5" },
    pyramidDim: { value: 256, source: "hustvl/MIMDet, configs/mimdet, out_channels" },
    learningRate: { value: "8e-5 at 16 images, AdamW, weight decay 0.1", source: "hustvl/MIMDet, configs/mimdet" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mimDet.test.ts" },
  toy: {
    modality: "segmentation",
    batch: 16,
    steps: 250,
    lr: 3e-3,
    classifies: false,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      stemLayers: 3,
      channels: 3,
      dim: 64,
      depth: 3,
      heads: 4,
      decoderDim: 48,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-5,
      activation: "geluTanh",
      sampleRatio: 0.5,
      pyramidDim: 32,
      classes: 10,
      sizeWeight: 0.1,
      maskRatio: 0.75,
    },
  },
  specs: (c) => ({
    ...prefixed(STAGES, hybridSpecs(c)),
    ...featurePyramidSpecs(BACKBONE, hybridWidths(c), c.pyramidDim),
    ...headSpecs(c),
  }),
  teachers: (c) => [
    teacherOf({ prefix: STAGES, method: detectorsMae, config: pretrained(c), steps: 150, lr: mae.toy.lr }), // 0
  ],
  prepare: (c, { images, instances, segmentation }, draws) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const K = Math.floor(L * c.sampleRatio);
    const { idsKeep } = keepSmallest(draws.uniform(N * L), N, L, K); //                  2
    return {
      images: images!,
      idsKeep: { shape: [N, K], data: idsKeep },
      ...centerMaps(instances!, segmentation!, c.classes, STRIDE),
    };
  },
  evaluate: (c, p, { images, idsKeep, heat, centers, sizes }) => {
    const { latent, maps } = hybridMaps(c, under(p, STAGES), images!, idsKeep!); //       1-5
    const said = detect(p, featurePyramid(p, BACKBONE, maps)); //                         6
    const ofCenters = centerFocal(said.scores, heat!);
    const far = mul(abs(sub(said.sizes, sizes!)), centers!);
    const ofSizes = div(sum(far), maximum(sum(centers!), 1));
    const loss = add(ofCenters, mul(ofSizes, c.sizeWeight)); //                           7    []
    return { loss, outputs: { ...said, latent, maps, ofCenters, ofSizes } };
  },
  encode: (c, p, { images }) => mean(hybridMaps(c, under(p, STAGES), images!).maps.at(-2)!, [2, 3]),
};
