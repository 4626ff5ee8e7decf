/**
 * FCMAE, the pre-training of ConvNeXt V2. Woo et al. 2023, ConvNeXt V2: Co-designing and Scaling ConvNets with Masked
 * Autoencoders, §3. Survey §2.1, Algorithm 1, with a convolutional encoder:
 *
 *   1      P = cells as wide as the encoder's total stride              [N, L, p²C]
 *   2      a share α of the cells is hidden, at every scale alike       [N, L]
 *   3-5    sparse ConvNeXt V2: hidden places are empty after every      [N, D, f, f]
 *          layer; global response normalisation lets channels compete
 *   6-7    a mask token in the hidden places, after a 1 x 1 projection  [N, D', f, f]
 *   8      P̂: one dense ConvNeXt V2 block, a 1 x 1 convolution          [N, L, p²C]
 *   9      loss = mean square over hidden cells, normalised cell by cell
 */
import {
  type BlockShape,
  type ConvNext,
  convNext,
  convNextBlock,
  convNextBlockSpecs,
  convNextSpecs,
  totalStride,
} from "../architecture/convNext.ts";
import { keepSmallest } from "../masking/random.ts";
import type { Method } from "../method.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { param, prefixed, under } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, mean, mul, reshape, sub, type Tensor, transpose } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface FcMaeConfig extends ConvNext {
  readonly imageSize: readonly [number, number];
  readonly maskRatio: number;
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly normalizedTarget: boolean;
}

/** Blocks of the decoder: 7 wide, dense, with response normalisation. */
const decoderBlock = (c: FcMaeConfig): BlockShape => ({ kernel: c.kernel, responseNorm: true, eps: c.eps });

export const fcMae: Method<FcMaeConfig> = {
  id: "fcmae",
  title: "FCMAE (ConvNeXt V2)",
  paper: "woo2023fcmae",
  source: "Woo et al. 2023, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/random", does: "60 % of the cells of the coarsest map, drawn by sorting noise" },
    target: { file: "target/normalizedPixels", does: "pixels, normalised cell by cell" },
    objective: { file: "objective/l2", does: "mean square over the hidden cells" },
    architecture: { file: "architecture/convNext", does: "sparse ConvNeXt V2, one dense block as decoder" },
  },
  published: {
    maskRatio: { value: 0.6, source: "released code, main_pretrain.py, default" },
    decoder: { value: "1 block, 512 wide", source: "released code, main_pretrain.py, default" },
    learningRate: {
      value: "1.5e-4 · batch / 256, AdamW, betas 0.9 and 0.95",
      source: "released code, main_pretrain.py",
    },
    responseNorm: { value: "gamma and beta start at 0, eps 1e-6", source: "released code, models/utils.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/fcMae.test.ts" },
  toy: {
    modality: "rgb",
    batch: 16,
    steps: 120,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      channels: 3,
      stem: 2,
      depths: [1, 1, 1],
      dims: [16, 32, 64],
      kernel: 5,
      responseNorm: true,
      eps: 1e-6,
      maskRatio: 0.6,
      decoderDim: 64,
      decoderDepth: 1,
      normalizedTarget: true,
    },
  },
  specs: (c) => ({
    ...prefixed("encoder.", convNextSpecs(c)),
    ...convolutionSpecs("proj", c.dims.at(-1)!, c.decoderDim, [1, 1]),
    mask_token: { shape: [1, c.decoderDim, 1, 1], init: { normal: 0.02 } },
    ...Object.assign(
      {},
      ...Array.from({ length: c.decoderDepth }, (_, i) =>
        convNextBlockSpecs(decoderBlock(c), `decoder.${i}`, c.decoderDim),
      ),
    ),
    ...convolutionSpecs("pred", c.decoderDim, totalStride(c) ** 2 * c.channels, [1, 1]),
  }),
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const [h, w] = c.imageSize.map((s) => s / totalStride(c)) as [number, number];
    const L = h * w;
    const { mask } = keepSmallest(draws.normal(N * L), N, L, Math.floor(L * (1 - c.maskRatio))); // 2
    return {
      images: images!,
      mask: { shape: [N, L], data: mask },
      active: { shape: [N, 1, h, w], data: mask.map((m) => 1 - m) },
    };
  },
  evaluate: (c, p, { images, mask, active }) => {
    const P = patchify(images!, totalStride(c)); //                                           1    [N, L, p²C]
    const stages = convNext(c, under(p, "encoder."), images!, active); //                     3-5
    const projected = convolution(p, "proj", stages.at(-1)!); //                                   [N, D', f, f]
    let x = add(mul(projected, active!), mul(sub(1, active!), param(p, "mask_token"))); //    6-7
    for (let i = 0; i < c.decoderDepth; i++) x = convNextBlock(decoderBlock(c), p, `decoder.${i}`, x);
    const map = convolution(p, "pred", x); //                                                 8    [N, p²C, f, f]
    const [N, F] = map.shape as [number, number];
    const pred = transpose(reshape(map, [N, F, -1]), [0, 2, 1]);
    const target = c.normalizedTarget ? normalizedPixels(P) : P;
    const loss = maskedMean(l2(pred, target), mask!); //                                      9
    return { loss, outputs: { pred, stages } };
  },
  encode: (c, p, { images }) => mean(convNext(c, under(p, "encoder."), images!).at(-1)!, [2, 3]),
  pictures: (c, { images, mask }, { pred }) =>
    maskedPictures({ ...c, patchSize: totalStride(c) }, images!, mask!, pred as Tensor),
};
