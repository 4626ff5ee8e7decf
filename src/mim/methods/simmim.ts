/**
 * SimMIM. Xie et al. 2022, SimMIM: A Simple Framework for Masked Image Modeling, §3.
 * Survey §2.1, Algorithm 1 with the mask token put in before the encoder instead of after it:
 *
 *   1      P = split(X, h, w), embedded                          [N, L, D]
 *   2      I_v, I_m = mask(P, α, n), squares of 32 pixels        mask [N, L]
 *   6-7    the mask token M in place of P[I_m]                   [N, L, D]
 *   3-5    H = E_θ of all L tokens                               [N, L', D']
 *   8      X̂ = one linear layer, its values moved to pixels      [N, C, H, W]
 *   9      loss = mean of |X̂ - X| over the hidden pixels         []
 *
 * The encoder sees L tokens always, there is no decoder, and pixels are not normalised patch by patch.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { encodePatches, lastMap, type MaskedEncoder, maskedEncoderSpecs } from "../architecture/maskedEncoder.ts";
import { coarseRandomMasking } from "../masking/coarseRandom.ts";
import type { Method } from "../method.ts";
import { prefixed, under } from "../nn/params.ts";
import { pixelHead, pixelHeadSpecs } from "../nn/pixelHead.ts";
import { maskedPixelL1 } from "../objective/maskedPixelL1.ts";
import { mean, repeat, reshape, type Tensor } from "../ops.ts";
import { filledPictures } from "../train/filledPictures.ts";

export interface SimmimConfig {
  readonly encoder: MaskedEncoder;
  /** Side in pixels of the squares that are hidden whole. */
  readonly maskUnit: number;
  /** Share α of the squares that is hidden. */
  readonly maskRatio: number;
}

export const simmim: Method<SimmimConfig> = {
  id: "simmim",
  title: "SimMIM",
  paper: "xie2022simmim",
  source: "Xie et al. 2022, §3; survey §2.1",
  recipe: {
    masking: { file: "masking/coarseRandom", does: "60 % of the squares of 32 pixels" },
    target: { file: "nn/pixelShuffle", does: "raw pixels" },
    objective: { file: "objective/maskedPixelL1", does: "mean absolute difference over the hidden pixels" },
    architecture: {
      file: "architecture/replaceTokenViT",
      does: "encoder on patches and mask tokens, one linear layer",
    },
  },
  published: {
    maskRatio: { value: 0.6, source: "microsoft/SimMIM, config.py, MASK_RATIO" },
    maskUnit: { value: 32, source: "abstract; microsoft/SimMIM, config.py, MASK_PATCH_SIZE" },
    optimizer: { value: "AdamW, betas 0.9 and 0.999, weight decay 0.05", source: "microsoft/SimMIM, config.py" },
    epochs: { value: 800, source: "microsoft/SimMIM, README, ViT-Base" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/simmim_vit.json.gz" },
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
        positions: "none",
        relativePositions: "shared",
        qkvBias: "qv",
        layerScale: 1,
      },
      maskUnit: 8,
      maskRatio: 0.6,
    },
  },
  specs: ({ encoder }) => {
    const { dim, stride } = lastMap(encoder);
    return {
      ...prefixed("encoder.", maskedEncoderSpecs(encoder)),
      ...pixelHeadSpecs("decoder.0", dim, stride, encoder.channels),
    };
  },
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const grid = { imageSize: c.encoder.imageSize, patchSize: c.encoder.patchSize, unit: c.maskUnit };
    const mask = coarseRandomMasking(draws, N, grid, c.maskRatio); //                                   2
    return { images: images!, mask: { shape: [N, mask.length / N], data: mask } };
  },
  evaluate: (c, p, { images, mask }) => {
    const { grid, stride } = lastMap(c.encoder);
    const features = encodePatches(c.encoder, under(p, "encoder."), images!, mask); // 1, 6-7, 3-5 [N, L', D']
    const pred = pixelHead(p, "decoder.0", features, stride, grid); //                  8      [N, C, H, W]
    const hidden = pixelMask(mask!, c.encoder); //                                             [N, 1, H, W]
    const loss = maskedPixelL1(pred, images!, hidden); //                               9      []
    return { loss, outputs: { pred, features, hidden } };
  },
  encode: (c, p, { images }) => mean(encodePatches(c.encoder, under(p, "encoder."), images!), 1),
  pictures: (_, { images }, { pred, hidden }) => filledPictures(images!, hidden as Tensor, pred as Tensor),
};

/** Mask of tokens [N, L] as one of pixels, [N, 1, H, W]. */
function pixelMask(mask: Tensor, c: MaskedEncoder): Tensor {
  const { h, w } = patchGrid(c);
  return repeat(repeat(reshape(mask, [-1, 1, h, w]), c.patchSize, 2), c.patchSize, 3);
}
