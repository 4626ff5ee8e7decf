/**
 * SparK. Tian et al. 2023, Designing BERT for Convolutional Networks: Sparse and Hierarchical Masked Modeling, §3.
 * Survey §2.1, Algorithm 1, with a convolutional encoder:
 *
 *   1  X cut into cells as wide as the encoder's total stride         [N, L, p²C]
 *   2  a share α of the cells is hidden; active A is 1 elsewhere      [N, 1, f, f]
 *   3  sparse encoding: f_s = A_s · conv(f_{s-1}), normalised over    [N, D_s, f_s, f_s] for each scale s
 *      active positions only
 *   4  densify: hidden positions of the normalised f_s receive the    [N, W_s, f_s, f_s]
 *      scale's mask token M_s, then a convolution to the decoder's width
 *   5  U-shaped decoding, coarsest scale first: X̂                     [N, C, H, W]
 *   6  loss = mean square over hidden cells, pixels normalised cell by cell
 */
import {
  type ConvNext,
  channelNorm,
  convNext,
  convNextSpecs,
  enlarged,
  totalStride,
} from "../architecture/convNext.ts";
import { decoderWidths, type LightDecoder, lightDecoder, lightDecoderSpecs } from "../architecture/lightDecoder.ts";
import { keepSmallest } from "../masking/random.ts";
import { roundHalfEven } from "../masking/roundHalfEven.ts";
import type { Method } from "../method.ts";
import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNormSpecs } from "../nn/layerNorm.ts";
import { type ParamSpecs, type Params, param, prefixed, under } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, mean, mul, sub, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface SparkConfig extends ConvNext {
  readonly imageSize: readonly [number, number];
  readonly maskRatio: number;
  /** Of the maps before mask tokens come in. */
  readonly densifyNorm: "bn" | "ln" | "none";
  /** Channels of the decoder at the coarsest scale. */
  readonly decoderWidth: number;
}

const decoder = (c: SparkConfig): LightDecoder => ({
  width: c.decoderWidth,
  doublings: Math.round(Math.log2(totalStride(c))),
  channels: c.channels,
});

/** Channels of the encoder and the decoder at each scale, coarsest first, and the side of the kernel between them. */
function scales(c: SparkConfig): { readonly D: number; readonly W: number; readonly kernel: number }[] {
  const widths = decoderWidths(decoder(c));
  return [...c.dims].reverse().map((D, i) => ({ D, W: widths[i]!, kernel: i === 0 ? 1 : 3 }));
}

/** The coarsest map passes as it is when it already has the decoder's width. */
const passesAsIs = (i: number, D: number, W: number): boolean => i === 0 && D === W;

function densifySpecs(c: SparkConfig): ParamSpecs {
  return Object.assign(
    {},
    ...scales(c).map(({ D, W, kernel }, i) => ({
      [`mask_tokens.${i}`]: { shape: [1, D, 1, 1], init: { normal: 0.02 } },
      ...(c.densifyNorm === "bn" && batchNormSpecs(`densify_norms.${i}`, D)),
      ...(c.densifyNorm === "ln" && layerNormSpecs(`densify_norms.${i}`, D)),
      ...(!passesAsIs(i, D, W) && convolutionSpecs(`densify_projs.${i}`, D, W, [kernel, kernel])),
    })),
  );
}

/** Normalised map of scale i, 0 where hidden. */
function densifyNorm(c: SparkConfig, p: Params, i: number, map: Tensor, active: Tensor): Tensor {
  if (c.densifyNorm === "bn") return batchNorm(p, `densify_norms.${i}`, map, { active });
  if (c.densifyNorm === "ln") return channelNorm(p, `densify_norms.${i}`, map, c.eps, active);
  return map;
}

export const spark: Method<SparkConfig> = {
  id: "spark",
  title: "SparK",
  paper: "tian2023spark",
  source: "Tian et al. 2023, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/random", does: "60 % of the cells of the coarsest map, drawn by sorting noise" },
    target: { file: "target/normalizedPixels", does: "pixels, normalised cell by cell" },
    objective: { file: "objective/l2", does: "mean square over the hidden cells" },
    architecture: {
      file: "architecture/convNext",
      does: "sparse hierarchical ConvNeXt, a mask token at every scale, U-shaped decoder",
    },
  },
  published: {
    maskRatio: { value: 0.6, source: "released code, pretrain/spark.py, default" },
    decoderWidth: { value: 768, source: "released code, pretrain/decoder.py, default" },
    densifyNorm: { value: "sparse batch norm", source: "released code, pretrain/spark.py, default" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/spark.json.gz" },
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
      eps: 1e-6,
      maskRatio: 0.6,
      densifyNorm: "bn",
      decoderWidth: 32,
    },
  },
  specs: (c) => ({
    ...prefixed("sparse_encoder.sp_cnn.", convNextSpecs(c)),
    ...prefixed("dense_decoder.", lightDecoderSpecs(decoder(c))),
    ...densifySpecs(c),
  }),
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const [h, w] = c.imageSize.map((s) => s / totalStride(c)) as [number, number];
    const L = h * w;
    const { mask } = keepSmallest(draws.uniform(N * L), N, L, roundHalfEven(L * (1 - c.maskRatio))); // 2
    return {
      images: images!,
      mask: { shape: [N, L], data: mask },
      active: { shape: [N, 1, h, w], data: mask.map((m) => 1 - m) },
    };
  },
  evaluate: (c, p, { images, mask, active }) => {
    const side = totalStride(c);
    const visible = mul(images!, enlarged(active!, c.imageSize[0]));
    const stages = convNext(c, under(p, "sparse_encoder.sp_cnn."), visible, active); //   3
    const densified = [...stages].reverse().map((map, i) => {
      const seen = enlarged(active!, map.shape[2]!); //                                   4
      const normed = densifyNorm(c, p, i, map, seen);
      const filled = add(normed, mul(sub(1, seen), param(p, `mask_tokens.${i}`))); //          normed is 0 there
      const { D, W, kernel } = scales(c)[i]!;
      const projected = passesAsIs(i, D, W)
        ? filled
        : convolution(p, `densify_projs.${i}`, filled, { padding: (kernel - 1) / 2 });
      return { normed, map: projected };
    });
    const rec = lightDecoder(
      decoder(c),
      under(p, "dense_decoder."),
      densified.map(({ map }) => map),
    ); //                                                                                 5
    const pred = patchify(rec, side); //                                                         [N, L, p²C]
    const target = normalizedPixels(patchify(images!, side));
    const loss = maskedMean(l2(pred, target), mask!); //                                  6
    return { loss, outputs: { rec, pred, stages, normed: densified.map(({ normed }) => normed) } };
  },
  encode: (c, p, { images }) => mean(convNext(c, under(p, "sparse_encoder.sp_cnn."), images!).at(-1)!, [2, 3]),
  pictures: (c, { images, mask }, { pred }) =>
    maskedPictures(
      { imageSize: c.imageSize, patchSize: totalStride(c), normalizedTarget: true },
      images!,
      mask!,
      pred as Tensor,
    ),
};
