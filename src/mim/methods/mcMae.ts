/**
 * MCMAE, released as ConvMAE. Gao et al. 2022, MCMAE: Masked Convolution Meets Masked Autoencoders, §3. Survey §2.1,
 * Algorithm 1, with a hybrid encoder:
 *
 *   1      P = patches as wide as a token of the last stage             [N, L, p²C]
 *   2      one mask, drawn at the last stage's scale and enlarged to    [N, K], [N, 1, h, w]
 *          the finer ones
 *   3-5    two stages of masked convolutions, then attention on the     [N, K, D]
 *          visible tokens; the fine stages' maps, reduced, are added
 *   6-8    P̂ = D_ϕ(latents and mask tokens)                             [N, L, p²C]
 *   9      loss = mean square over hidden patches, normalised patch by patch
 */
import {
  type ConvViT,
  convViTSpecs,
  decodeConvViT,
  encodeConvViT,
  tokenGrid,
  tokenSide,
} from "../architecture/convViT.ts";
import { randomMasking } from "../masking/random.ts";
import type { Method } from "../method.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { mean, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface McMaeConfig extends ConvViT {
  readonly maskRatio: number;
  readonly normalizedTarget: boolean;
}

export const mcMae: Method<McMaeConfig> = {
  id: "mcmae",
  title: "MCMAE (ConvMAE)",
  paper: "gao2022mcmae",
  source: "Gao et al. 2022, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/random", does: "75 % of the coarsest tokens, the same cells at every scale" },
    target: { file: "target/normalizedPixels", does: "pixels, normalised patch by patch" },
    objective: { file: "objective/l2", does: "mean square over the masked patches" },
    architecture: {
      file: "architecture/convViT",
      does: "two stages of masked convolutions, then attention; all three scales added",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "released code, PRETRAIN.md" },
    encoder: { value: "2, 2 and 11 blocks, 256, 384 and 768 wide", source: "released code, models_convmae.py" },
    decoder: { value: "8 blocks, 512 wide", source: "released code, models_convmae.py" },
    learningRate: { value: "1.5e-4 · batch / 256, 1600 epochs, 40 of warm-up", source: "released code, PRETRAIN.md" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mcMae.test.ts" },
  toy: {
    modality: "rgb",
    batch: 16,
    steps: 450,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      channels: 3,
      patchSizes: [2, 2, 2],
      dims: [16, 32, 64],
      depths: [1, 1, 2],
      heads: 4,
      decoderDim: 32,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-6,
      maskRatio: 0.75,
      normalizedTarget: true,
    },
  },
  specs: convViTSpecs,
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { h, w, L } = tokenGrid(c);
    const { idsKeep, idsRestore, mask } = randomMasking(draws, N, L, c.maskRatio); //        2
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
      active: { shape: [N, 1, h, w], data: mask.map((m) => 1 - m) },
    };
  },
  evaluate: (c, p, { images, idsKeep, idsRestore, mask, active }) => {
    const P = patchify(images!, tokenSide(c)); //                                            1    [N, L, p²C]
    const visible = { idsKeep: idsKeep!, active: active! };
    const { latent, maps } = encodeConvViT(c, p, images!, visible); //                       3-5  [N, K, D]
    const pred = decodeConvViT(c, p, latent, idsRestore!); //                                6-8  [N, L, p²C]
    const target = c.normalizedTarget ? normalizedPixels(P) : P;
    const loss = maskedMean(l2(pred, target), mask!); //                                     9
    return { loss, outputs: { pred, latent, maps } };
  },
  encode: (c, p, { images }) => mean(encodeConvViT(c, p, images!).latent, 1),
  pictures: (c, { images, mask }, { pred }) =>
    maskedPictures({ ...c, patchSize: tokenSide(c) }, images!, mask!, pred as Tensor),
};
