/**
 * MFM. Xie et al. 2023, Masked Frequency Modeling for Self-Supervised Visual Pre-Training, §3.
 * Survey §2.1, Algorithm 1 with frequencies in the place of patches:
 *
 *   1      F = spectrum of X, zero frequency in the middle                      [N, C, H, W]
 *   2      B = frequencies nearer than a radius, or the others, by a coin       [N, H, W], 1 kept
 *   3-5    X_c = real part of the inverse of B · F, cut to [0, 1]               [N, C, H, W]
 *          H = E_θ(X_c): all patches, no mask token                             [N, L, D]
 *   8      X̂ = one linear layer, its values moved to pixels                     [N, C, H, W]
 *   9      loss = mean over the deleted frequencies of |spectrum of X̂ - X|      []
 *
 * Images are brought to [0, 1] for this; network and loss see them normalised channel by channel.
 */

import { encodePatches, lastMap, type MaskedEncoder, maskedEncoderSpecs } from "../architecture/maskedEncoder.ts";
import { fromSpectrum, spectrum } from "../frequency/spectrum.ts";
import { drawPasses, frequencyFilter, type Radii } from "../masking/frequency.ts";
import type { HostTensor, Method } from "../method.ts";
import { prefixed, under } from "../nn/params.ts";
import { pixelHead, pixelHeadSpecs } from "../nn/pixelHead.ts";
import { type FrequencyDistance, frequencyDistance } from "../objective/frequencyDistance.ts";
import { add, clip, type DType, div, expandDims, mean, mul, sub, sum, type Tensor, tensor } from "../ops.ts";
import { RANGE } from "../toy/scale.ts";

export interface MfmConfig extends Radii {
  readonly encoder: MaskedEncoder;
  /** How often the low frequencies are the ones that stay. */
  readonly lowProbability: number;
  readonly distance: FrequencyDistance;
  /** Whether the loss looks at the deleted frequencies alone, or at all of them. */
  readonly recover: "deleted" | "all";
  /** Mean and deviation of each channel. */
  readonly channelMean: readonly number[];
  readonly channelDeviation: readonly number[];
  /** Values of black and white in the pictures, 0 and 1 unless given. */
  readonly range?: readonly [black: number, white: number];
}

export const mfm: Method<MfmConfig> = {
  id: "mfm",
  title: "MFM",
  paper: "xie2023mfm",
  source: "Xie et al. 2023, §3; survey §2.1",
  recipe: {
    masking: { file: "masking/frequency", does: "high or low frequencies, by a coin for each image" },
    target: { file: "frequency/spectrum", does: "the image's spectrum" },
    objective: { file: "objective/frequencyDistance", does: "distance over the deleted frequencies" },
    architecture: { file: "architecture/maskedEncoder", does: "encoder on the whole filtered image, one linear layer" },
  },
  published: {
    radius: { value: "16 of images of 224", source: "Jiahao000/MFM, data/data_mfm.py, mask_radius1" },
    lowProbability: { value: 0.5, source: "Jiahao000/MFM, data/data_mfm.py, sample_ratio" },
    gamma: { value: 1, source: "Jiahao000/MFM, models/frequency_loss.py, loss_gamma" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/mfm.json.gz" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 900,
    lr: 3e-3,
    config: {
      encoder: {
        imageSize: [32, 32],
        patchSize: 8,
        channels: 3,
        dim: 64,
        depth: 2,
        heads: 4,
        eps: 1e-6,
        activation: "geluTanh",
        positions: "sinCos",
        relativePositions: "none",
        qkvBias: "qv",
        layerScale: 1,
        maskToken: false,
      },
      radius: 4,
      lowProbability: 0.5,
      distance: {},
      recover: "deleted",
      channelMean: [0.5, 0.5, 0.5],
      channelDeviation: [0.25, 0.25, 0.25],
      range: RANGE,
    },
  },
  specs: ({ encoder }) => {
    const { dim, stride } = lastMap(encoder);
    return {
      ...prefixed("encoder.", maskedEncoderSpecs(encoder)),
      ...pixelHeadSpecs("decoder.0", dim, stride, encoder.channels),
    };
  },
  prepare: (c, { images, kept }, draws) => ({ images: images!, kept: kept ?? filters(c, draws, images!.shape[0]!) }), // 2
  evaluate: (c, p, { images, kept }) => {
    const { grid, stride } = lastMap(c.encoder);
    const B = expandDims(kept!, 1); //                                                     [N, 1, H, W]
    const X = fromRange(c, images!); //                                                    [N, C, H, W]
    const F = spectrum(X); //                                                       1      [N, C, H, W]
    const corrupted = clip(fromSpectrum({ re: mul(F.re, B), im: mul(F.im, B) }), 0, 1); // 3
    const tokens = encodePatches(c.encoder, under(p, "encoder."), normalized(c, corrupted)); // 4-5 [N, L, D]
    const pred = pixelHead(p, "decoder.0", tokens, stride, grid); //                8      [N, C, H, W]
    const distances = frequencyDistance(pred, normalized(c, X), c.distance); //            [N, 1, C, H, W]
    const loss = c.recover === "all" ? mean(distances) : overDeleted(distances, B); // 9   []
    return { loss, outputs: { pred, corrupted } };
  },
  encode: (c, p, { images }) =>
    mean(encodePatches(c.encoder, under(p, "encoder."), normalized(c, fromRange(c, images!))), 1),
  pictures: (c, _, { pred, corrupted }) => ({
    masked: toRange(c, corrupted as Tensor),
    reconstruction: toRange(
      c,
      add(mul(pred as Tensor, channels(c.channelDeviation, pred as Tensor)), channels(c.channelMean, pred as Tensor)),
    ),
  }),
};

const fromRange = ({ range: [black, white] = [0, 1] }: MfmConfig, x: Tensor): Tensor =>
  div(sub(x, black), white - black);

const toRange = ({ range: [black, white] = [0, 1] }: MfmConfig, x: Tensor): Tensor => add(mul(x, white - black), black);

function filters(c: MfmConfig, draws: Parameters<typeof drawPasses>[0], N: number): HostTensor {
  const size = c.encoder.imageSize;
  const passes = drawPasses(draws, N, c.lowProbability);
  const data = new Float32Array(N * size[0] * size[1]);
  passes.forEach((pass, n) => {
    data.set(frequencyFilter(size, pass, c), n * size[0] * size[1]);
  });
  return { shape: [N, ...size], data };
}

/** Mean over deleted frequencies, channels and parts; kept [N, 1, H, W]. */
function overDeleted(distances: Tensor, kept: Tensor): Tensor {
  const deleted = sub(1, kept);
  const [, parts, C] = distances.shape as [number, number, number];
  return div(sum(mul(distances, expandDims(deleted, 1))), mul(sum(deleted), C * parts));
}

const normalized = (c: MfmConfig, images: Tensor): Tensor =>
  div(sub(images, channels(c.channelMean, images)), channels(c.channelDeviation, images));

const channels = (values: readonly number[], like: Tensor): Tensor =>
  tensor(values, [1, values.length, 1, 1], like.dtype as DType);
