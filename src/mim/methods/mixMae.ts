/**
 * MixMAE (MixMIM). Liu et al. 2023, MixMAE: Mixed and Masked Autoencoder for Efficient Pretraining of Hierarchical Vision
 * Transformers, §3; released as Sense-X/MixMIM.
 * Survey §2.1, Algorithm 1 with another image's patches in the place of masks:
 *
 *   1-2    one mask m for the batch, drawn on the coarsest map; partner of image n is image N - 1 - n        [L']
 *   6      Z = patches of X where m = 0, of the partner where m = 1                                         [N, L, D]
 *   3-5    H = hierarchical encoder of Z; attention stays within each image                                 [N, L', D']
 *   7      Y₁: H where m = 0, mask tokens where m = 1; Y₂: the other way round                              [2N, L', D'']
 *   8      decoder of both; X̂ = the first where m = 1, the partner's second where m = 0                     [N, L', s²C]
 *   9      loss = mean square of X̂ and normalised pixels, over all places: each was hidden once             []
 */
import { encodeMixed, type MixedSwin, mixedDim, mixedStride, mixedSwinSpecs } from "../architecture/mixedSwin.ts";
import { mixingMask } from "../masking/mixing.ts";
import type { Method } from "../method.ts";
import { block, blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { add, broadcastTo, concat, flip, mean, mul, reshape, split, sub, type Tensor } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface MixMaeConfig extends MixedSwin {
  /** Share of the places that the partner takes. */
  readonly maskRatio: number;
  /** Up to how much more it may take, drawn anew for each batch. */
  readonly ratioRange: number;
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly normalizedTarget: boolean;
}

function lastGrid(c: MixMaeConfig): { h: number; w: number; L: number } {
  const [h, w] = [c.imageSize[0] / mixedStride(c), c.imageSize[1] / mixedStride(c)];
  return { h, w, L: h * w };
}

export const mixMae: Method<MixMaeConfig> = {
  id: "mixmae",
  title: "MixMAE",
  paper: "liu2023mixmae",
  source: "Liu et al. 2023, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/mixing", does: "half of the places take another image's patches" },
    target: { file: "target/normalizedPixels", does: "pixels of both images, normalised patch by patch" },
    objective: { file: "objective/l2", does: "mean square over all places" },
    architecture: {
      file: "architecture/mixedSwin",
      does: "windows in which each image attends to itself, small decoder",
    },
  },
  published: {
    maskRatio: { value: 0.5, source: "Sense-X/MixMIM, models_mixmim.py" },
    decoder: { value: "8 blocks, 512 wide", source: "Sense-X/MixMIM, models_mixmim.py" },
    windows: { value: "14, 14, 14, 7", source: "Sense-X/MixMIM, models_mixmim.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mixMae.test.ts" },
  toy: {
    modality: "rgb",
    batch: 16,
    steps: 420,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 4,
      channels: 3,
      dim: 48,
      depths: [1, 2],
      heads: [4, 4],
      windows: [8, 4],
      eps: 1e-5,
      activation: "geluTanh",
      maskRatio: 0.5,
      ratioRange: 0,
      decoderDim: 48,
      decoderDepth: 1,
      decoderHeads: 4,
      normalizedTarget: true,
    },
  },
  specs: (c) => ({ ...mixedSwinSpecs(c), ...decoderSpecs(c) }),
  prepare: (c, { images }, draws) => {
    const { h, w, L } = lastGrid(c);
    const mask = mixingMask(draws, { grid: [h, w], maskRatio: c.maskRatio, ratioRange: c.ratioRange }); // 1-2
    return { images: images!, mask: { shape: [L], data: mask } };
  },
  evaluate: (c, p, { images, mask }) => {
    const latent = encodeMixed(c, p, images!, mask!); //                                  6, 3-5  [N, L', D']
    const m = reshape(mask!, [1, -1, 1]);
    const said = decode(c, p, latent, m); //                                              7-8     [2N, L', s²C]
    const pred = unmixed(said, m); //                                                             [N, L', s²C]
    const P = patchify(images!, mixedStride(c)); //                                               [N, L', s²C]
    const target = c.normalizedTarget ? normalizedPixels(P) : P;
    const loss = mean(l2(pred, target)); //                                               9       []
    return { loss, outputs: { pred, said, latent, target } };
  },
  encode: (c, p, { images }) => mean(encodeMixed(c, p, images!), 1),
  pictures: (c, { images, mask }, { pred }) => {
    const [N] = images!.shape as [number];
    const shown = { imageSize: c.imageSize, patchSize: mixedStride(c), normalizedTarget: c.normalizedTarget };
    const { L } = lastGrid(c);
    return maskedPictures(shown, images!, broadcastTo(reshape(mask!, [1, L]), [N, L]), pred as Tensor);
  },
};

function decoderSpecs(c: MixMaeConfig): ParamSpecs {
  const { h, w, L } = lastGrid(c);
  const D = c.decoderDim;
  return {
    mask_token: { shape: [1, 1, D], init: { normal: 0.02 } },
    decoder_pos_embed: { shape: [1, L, D], init: { values: sinCos2d(D, h, w) }, trainable: false },
    ...linearSpecs("decoder_embed", mixedDim(c), D),
    ...Object.assign(
      {},
      ...Array.from({ length: c.decoderDepth }, (_, i) =>
        blockSpecs(`decoder_blocks.${i}`, { D, ...(c.mlpRatio && { mlpRatio: c.mlpRatio }) }),
      ),
    ),
    ...layerNormSpecs("decoder_norm", D),
    ...linearSpecs("decoder_pred", D, mixedStride(c) ** 2 * c.channels),
  };
}

/** Latents [N, L', D'] and mask [1, L', 1] -> what is said of each image and of its partner, [2N, L', s²C]. */
function decode(c: MixMaeConfig, p: Params, latent: Tensor, m: Tensor): Tensor {
  const embedded = linear(p, "decoder_embed", latent);
  const token = param(p, "mask_token");
  const own = add(mul(embedded, sub(1, m)), mul(token, m));
  const partners = add(mul(embedded, m), mul(token, sub(1, m)));
  let x = add(concat([own, partners], 0), param(p, "decoder_pos_embed"));
  const options = { heads: c.decoderHeads, eps: c.eps, ...(c.activation && { activation: c.activation }) };
  for (let i = 0; i < c.decoderDepth; i++) x = block(p, `decoder_blocks.${i}`, x, options);
  return linear(p, "decoder_pred", layerNorm(p, "decoder_norm", x, c.eps));
}

/** For each image what was said of the places where it was hidden: in its own slot where m = 1, in its partner's elsewhere. */
function unmixed(said: Tensor, m: Tensor): Tensor {
  const [own, partners] = split(said, 2, 0) as [Tensor, Tensor];
  return add(mul(own, m), mul(flip(partners, 0), sub(1, m)));
}
