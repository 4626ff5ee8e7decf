/**
 * MAE. He et al. 2022, Masked Autoencoders Are Scalable Vision Learners, §3.
 * Survey §2.1, Algorithm 1 (reconstruction-based MIM), by its steps and symbols:
 *
 *   1      P = split(X, h, w)                                    [N, L, p²C]
 *   2      I_v, I_m = mask(P, α, n)                              [N, K], [N, L - K]
 *   3-5    H[I_v] = E_θ(VP_φ(p_i))                               [N, 1 + K, D'], a class token first
 *   6-7    H[I_m] = M                                            [N, 1 + L, D']
 *   8      P̂ = D_ϕ(H)                                            [N, L, p²C]
 *   9      loss = d(P̂, P), here the mean square over I_m         scalar
 *   10-13  gradient step on θ, ϕ, φ and M (train/trainer.ts)
 *
 * VP_φ adds the positions, before any patch is dropped; the last layer of E_θ narrows D to the decoder's width D'.
 */
import { type Reconstruction, reconstruct } from "../algorithm1.ts";
import {
  type AsymmetricViT,
  decoderSpecs,
  decodeTokens,
  encode,
  encoderSpecs,
  encodeTokens,
  patchGrid,
  pooled,
  projectPatches,
} from "../architecture/asymmetricViT.ts";
import { randomMasking } from "../masking/random.ts";
import type { Inputs, Method } from "../method.ts";
import { linear } from "../nn/linear.ts";
import { type Params, param } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface MaeConfig extends AsymmetricViT {
  /** Share α of the patches that is hidden. */
  readonly maskRatio: number;
  /** Whether the target is normalised patch by patch. */
  readonly normalizedTarget: boolean;
}

export const mae: Method<MaeConfig> = {
  id: "mae",
  title: "MAE",
  paper: "he2022mae",
  source: "He et al. 2022, §3; survey §2.1, Algorithm 1",
  algorithm: 1,
  recipe: {
    masking: { file: "masking/random", does: "75 % of the patches, drawn by sorting noise" },
    target: { file: "target/normalizedPixels", does: "pixels, normalised patch by patch" },
    objective: { file: "objective/l2", does: "mean square over the masked patches" },
    architecture: {
      file: "architecture/asymmetricViT",
      does: "encoder on visible patches, light decoder with mask tokens",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "§3 Masking" },
    decoder: { value: "8 blocks, 512 wide", source: "§4.1, Table 1" },
    optimizer: { value: "AdamW, betas 0.9 and 0.95, weight decay 0.05", source: "appendix A.1" },
    learningRate: { value: "1.5e-4 · batch / 256, cosine, 40 epochs of warm-up", source: "appendix A.1" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/mae.json.gz" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 900,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      decoderDim: 32,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      maskRatio: 0.75,
      normalizedTarget: true,
    },
  },
  specs: (c) => ({ ...encoderSpecs(c), ...decoderSpecs(c) }),
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const { idsKeep, idsRestore, mask } = randomMasking(draws, N, L, c.maskRatio); // step 2
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
  evaluate: (c, p, { images, ...chosen }) => {
    const { P, projected, encoded, decoded, target, loss } = reconstruct(maeLetters(c, p, chosen), images!);
    const { pred } = decoded;
    return { loss, outputs: { pred, latent: encoded.latent!, patches: P, target, projected, encoded, decoded } };
  },
  encode: (c, p, { images }) => pooled(c, encode(c, p, images!).latent),
  pictures: (c, { images, mask }, { pred }) => maskedPictures(c, images!, mask!, pred as Tensor),
};

/** What MAE puts for the letters of Algorithm 1, given the patches that `prepare` chose. */
export const maeLetters = (c: MaeConfig, p: Params, { idsKeep, idsRestore, mask }: Inputs): Reconstruction => ({
  split: (X) => patchify(X, c.patchSize), //                                     1     [N, L, p²C]
  mask: () => ({ idsKeep: idsKeep!, idsRestore: idsRestore!, mask: mask! }), //  2
  VP: (P) => projectPatches(c, p, P), //                                         3     [N, L, D]
  E: (tokens) => {
    const { latent, layers } = encodeTokens(c, p, tokens); //                    4-5   [N, 1 + K, D]
    return { visible: linear(p, "decoder_embed", latent), latent, layers }; //         [N, 1 + K, D']
  },
  M: param(p, "mask_token"), //                                                  6-7   [1, 1, D']
  D: (H) => decodeTokens(c, p, add(H, param(p, "decoder_pos_embed"))), //        8     [N, L, p²C]
  target: (P) => (c.normalizedTarget ? normalizedPixels(P) : P), //                    [N, L, p²C]
  d: (pred, target, masked) => maskedMean(l2(pred, target), masked), //          9     []
});
