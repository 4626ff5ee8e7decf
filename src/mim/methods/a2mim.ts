/**
 * A2MIM. Li et al. 2022, Architecture-Agnostic Masked Image Modeling: From ViT back to CNN, §4.
 * Survey §2.1, Algorithm 1 for a convolutional network:
 *
 *   1-2    squares of the image are masked                                         mask m, [N, L]
 *          X̃ = X with the hidden squares filled by the images' mean colour         [N, C, H, W]
 *   3-7    F = network of X̃; before one of its middle stages a mask token is added
 *          where the map is masked: z ← z + m e                                    [N, D, h, w]
 *   8      X̂ = one linear layer, its values moved to pixels                        [N, C, H, W]
 *   9      loss = mean |X̂ - X| over the hidden pixels
 *                 + w · distance of the spectra of X̂ and X, the visible part of X̂ replaced first    []
 *
 * The first stages so see an image without black squares, and the token enters where features are of middle range. The
 * released recipe weighs the pixel term by its own size (focal L1); here it is plain.
 */
import { encodeResNet, type ResNet, resNetSpecs, stageInput, strideBefore } from "../architecture/resNet.ts";
import { coarseRandomMasking } from "../masking/coarseRandom.ts";
import type { Method } from "../method.ts";
import { type ParamSpecs, type Params, param, prefixed, under } from "../nn/params.ts";
import { pixelHead, pixelHeadSpecs } from "../nn/pixelHead.ts";
import { type FrequencyDistance, frequencyDistance } from "../objective/frequencyDistance.ts";
import { maskedPixelL1 } from "../objective/maskedPixelL1.ts";
import {
  add,
  type DType,
  mean,
  mul,
  repeat,
  reshape,
  stopGradient,
  sub,
  type Tensor,
  tensor,
  transpose,
} from "../ops.ts";
import { filledPictures } from "../train/filledPictures.ts";

export interface A2mimConfig {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly network: ResNet;
  /** Mean colour of the images, which fills hidden squares. */
  readonly fill: readonly number[];
  /** Stage before which the mask token is added, from 0. */
  readonly tokenStage: number;
  /** Side in pixels of the squares that are hidden. */
  readonly maskUnit: number;
  readonly maskRatio: number;
  readonly frequency: FrequencyDistance;
  /** w. */
  readonly frequencyWeight: number;
  /** What stands in for the visible part of the prediction before its spectrum is taken. */
  readonly visible: "target" | "prediction" | "mean" | "mixed";
  /** Share of the prediction's own visible part that stays. */
  readonly visibleWeight: number;
}

export const a2mim: Method<A2mimConfig> = {
  id: "a2mim",
  title: "A2MIM",
  paper: "li2022a2mim",
  source: "Li et al. 2022, §4; survey §2.1",
  recipe: {
    masking: { file: "masking/coarseRandom", does: "60 % of the squares, filled with the mean colour" },
    target: { file: "frequency/spectrum", does: "raw pixels, and their spectrum" },
    objective: { file: "objective/frequencyDistance", does: "mean absolute difference, and distance of spectra" },
    architecture: { file: "architecture/resNet", does: "convolutional network, mask token before a middle stage" },
  },
  published: {
    maskRatio: { value: 0.6, source: "Westlake-AI/openmixup, configs/selfsup/a2mim, r50_l3" },
    maskUnit: { value: 32, source: "Westlake-AI/openmixup, configs/selfsup/a2mim, r50_l3" },
    tokenStage: { value: "3 of 0 to 3 (ResNet-50)", source: "Westlake-AI/openmixup, _base_/models/a2mim/r50.py" },
    frequencyWeight: { value: 0.5, source: "Westlake-AI/openmixup, _base_/models/a2mim/r50.py" },
    learningRate: { value: "1.2e-3 at batch 2048", source: "Westlake-AI/openmixup, configs/selfsup/a2mim, r50_l3" },
    epochs: { value: "300 (ResNet-50)", source: "Westlake-AI/openmixup, configs/selfsup/a2mim, r50_l3" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/a2mim.test.ts" },
  toy: {
    modality: "rgb",
    batch: 16,
    steps: 120,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      network: {
        channels: 3,
        stemDim: 24,
        stemStride: 2,
        stages: [
          { dim: 24, blocks: 1, stride: 1 },
          { dim: 48, blocks: 1, stride: 2 },
          { dim: 64, blocks: 1, stride: 1 },
        ],
      },
      fill: [0.5, 0.5, 0.5],
      tokenStage: 2,
      maskUnit: 8,
      maskRatio: 0.6,
      frequency: { gamma: 2, averaged: true, focal: { log: true, overBatch: true } },
      frequencyWeight: 0.5,
      visible: "target",
      visibleWeight: 0.001,
    },
  },
  specs: (c) => ({
    ...prefixed("backbone.", backboneSpecs(c)),
    ...pixelHeadSpecs("neck.decoder_pred.0", ...headOf(c)),
  }),
  prepare: (c, { images }, draws) => {
    const grid = { imageSize: c.imageSize, patchSize: cellOf(c), unit: c.maskUnit };
    const N = images!.shape[0]!;
    const mask = coarseRandomMasking(draws, N, grid, c.maskRatio); //                             1-2
    return { images: images!, mask: { shape: [N, mask.length / N], data: mask } };
  },
  evaluate: (c, p, { images, mask }) => {
    const hidden = spread(c, mask!, cellOf(c)); //                                        [N, 1, H, W]
    const colour = tensor(c.fill, [1, c.fill.length, 1, 1], images!.dtype as DType);
    const filled = blend(images!, colour, hidden); //                                     [N, C, H, W]
    const { map, entering } = features(c, p, filled, spread(c, mask!, 1)); //        3-7  [N, D, h, w]
    const [N, D, h, w] = map.shape as [number, number, number, number];
    const tokens = reshape(transpose(map, [0, 2, 3, 1]), [N, h * w, D]);
    const pred = pixelHead(p, "neck.decoder_pred.0", tokens, c.imageSize[0] / h, [h, w]); // 8 [N, C, H, W]
    const { loss, ofPixels, ofSpectra } = a2mimLosses(c, pred, images!, hidden); //  9    []
    return { loss, outputs: { pred, filled, hidden, entering, ofPixels, ofSpectra } };
  },
  encode: (c, p, { images }) => mean(encodeResNet(c.network, under(p, "backbone."), images!), [2, 3]),
  pictures: (_, { images }, { pred, hidden }) => filledPictures(images!, hidden as Tensor, pred as Tensor),
};

/** Side in pixels of a cell of the map that the mask token is added to. */
const cellOf = (c: A2mimConfig): number => strideBefore(c.network, c.tokenStage);

const headOf = ({ network: n }: A2mimConfig): [D: number, stride: number, channels: number] => [
  n.stages.at(-1)!.dim,
  strideBefore(n, n.stages.length),
  n.channels,
];

const backboneSpecs = (c: A2mimConfig): ParamSpecs => ({
  ...resNetSpecs(c.network),
  mask_token: { shape: [1, stageInput(c.network, c.tokenStage), 1, 1], init: { normal: 0.02 } },
});

/** Loss and its two terms: prediction and images [N, C, H, W], hidden [N, 1, H, W], 1 masked. */
export function a2mimLosses(c: A2mimConfig, pred: Tensor, images: Tensor, hidden: Tensor) {
  const ofPixels = maskedPixelL1(pred, images, hidden);
  const ofSpectra = mean(frequencyDistance(withVisible(c, pred, images, hidden), images, c.frequency));
  return { loss: add(ofPixels, mul(ofSpectra, c.frequencyWeight)), ofPixels, ofSpectra };
}

/** Last map of the network, and what each stage received without the token; `cells` [N, 1, h, w], 1 masked. */
function features(c: A2mimConfig, p: Params, images: Tensor, cells: Tensor): { map: Tensor; entering: Tensor[] } {
  const own = under(p, "backbone.");
  const token = param(own, "mask_token");
  const entering: Tensor[] = [];
  const map = encodeResNet(c.network, own, images, (x, stage) => {
    entering.push(x);
    return stage === c.tokenStage ? add(x, mul(token, cells)) : x;
  });
  return { map, entering };
}

/** Mask of cells [N, L] as a map [N, 1, ...] whose cells are `times` wide. */
function spread(c: A2mimConfig, mask: Tensor, times: number): Tensor {
  const side = cellOf(c);
  const map = reshape(mask, [-1, 1, c.imageSize[0] / side, c.imageSize[1] / side]);
  return times === 1 ? map : repeat(repeat(map, times, 2), times, 3);
}

/** `inside` where the mask is 1, `outside` where it is 0. */
const blend = (outside: Tensor, inside: Tensor, mask: Tensor): Tensor =>
  add(mul(outside, sub(1, mask)), mul(inside, mask));

/** The prediction with something else in its visible part, so that the spectrum is not that of the mask's edges. */
function withVisible(c: A2mimConfig, pred: Tensor, images: Tensor, hidden: Tensor): Tensor {
  const own = stopGradient(pred);
  const stand = {
    target: () => images,
    prediction: () => own,
    mean: () => mean(images, [2, 3], { keepdims: true }),
    mixed: () => mul(add(own, images), 0.5),
  }[c.visible]();
  return blend(stand, pred, add(mul(sub(1, hidden), c.visibleWeight), hidden));
}
