/**
 * CAV-MAE. Gong et al. 2023, Contrastive Audio-Visual Masked Autoencoder (YuanGongND/cav-mae).
 *
 *   1  patches of spectrogram and picture, a position and a mark of their modality added; 75 % of each hidden at random
 *   2  a = E_a(visible sound),  v = E_v(visible picture)                     [N, K_a, D], [N, K_v, D]
 *   3  a block U shared by three passes, each with normalisations of its own:
 *      x = U([a, v]),  c_a = U_a(a),  c_v = U_v(v)
 *   4  P̂_a, P̂_v = decoder of x and mask tokens                               [N, L_a, p²], [N, L_v, p²C]
 *   5  loss_mae = mean square over the hidden patches of each, added          []
 *   6  loss_c = cross-entropy that picks for each picture its sound in the batch, by the means of c_v and c_a
 *   7  loss = loss_mae + λ loss_c                                            []
 *
 * Only the joint pass is decoded, only the single ones are contrasted: c_v does not depend on the sound. With several shared
 * blocks the released code runs each of them on a and v themselves, so that the last alone counts; so does this.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { randomMasking } from "../masking/random.ts";
import type { Inputs, Method } from "../method.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpec, type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { patchify } from "../nn/patchify.ts";
import { type Stream, streamBlock, streamBlockSpecs } from "../nn/streamBlock.ts";
import { infoNce } from "../objective/infoNce.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, broadcastTo, concat, gather, mean, mul, slice, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface CavMaeConfig {
  readonly imageSize: readonly [number, number];
  /** Time steps and frequency bands of a spectrogram. */
  readonly soundSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  readonly dim: number;
  /** Blocks of each modality's own encoder, and blocks that all passes share. */
  readonly depth: number;
  readonly sharedDepth: number;
  readonly heads: number;
  readonly mlpRatio?: number;
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
  readonly soundMaskRatio: number;
  readonly maskRatio: number;
  readonly normalizedTarget: boolean;
  readonly temperature: number;
  /** λ, weight of the contrast, and that of the reconstruction. */
  readonly contrastWeight: number;
  readonly reconstructionWeight: number;
}

export const cavMae: Method<CavMaeConfig> = {
  id: "cav_mae",
  title: "CAV-MAE",
  paper: "gong2023cavmae",
  source: "Gong et al. 2023; YuanGongND/cav-mae, src/models/cav_mae.py",
  recipe: {
    masking: { file: "masking/random", does: "75 % of the patches of sound and picture each" },
    target: { file: "target/normalizedPixels", does: "both modalities, normalised patch by patch" },
    objective: { file: "objective/infoNce", does: "mean square of both, and picking a picture's sound" },
    architecture: { file: "nn/streamBlock", does: "two encoders, a block shared by three passes, a joint decoder" },
  },
  published: {
    maskRatio: { value: 0.75, source: "YuanGongND/cav-mae, run_cavmae_pretrain_scale++.sh" },
    temperature: { value: 0.05, source: "YuanGongND/cav-mae, cav_mae.py" },
    contrastWeight: { value: 0.01, source: "YuanGongND/cav-mae, cav_mae.py" },
    depth: { value: "11 own blocks, 1 shared", source: "YuanGongND/cav-mae, cav_mae.py" },
    decoder: { value: "8 blocks, 512 wide", source: "YuanGongND/cav-mae, cav_mae.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/cavMae.test.ts" },
  toy: {
    modality: "audio",
    batch: 32,
    steps: 200,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      soundSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      sharedDepth: 1,
      heads: 4,
      decoderDim: 32,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-5,
      activation: "geluTanh",
      soundMaskRatio: 0.75,
      maskRatio: 0.75,
      normalizedTarget: true,
      temperature: 0.05,
      contrastWeight: 0.05,
      reconstructionWeight: 1,
    },
  },
  specs: (c) => {
    const [a, v] = [grids(c).sound, grids(c).picture];
    const [D, E] = [c.dim, c.decoderDim];
    const token = (width: number): ParamSpec => ({ shape: [1, 1, width], init: { normal: 0.02 } });
    return {
      modality_a: token(D),
      modality_v: token(D),
      pos_embed_a: table(D, a),
      pos_embed_v: table(D, v),
      mask_token: token(E),
      decoder_modality_a: token(E),
      decoder_modality_v: token(E),
      decoder_pos_embed_a: table(E, a),
      decoder_pos_embed_v: table(E, v),
      ...patchEmbedSpecs("patch_embed_a.proj", 1, c.patchSize, c.patchSize, D),
      ...patchEmbedSpecs("patch_embed_v.proj", c.channels, c.patchSize, c.patchSize, D),
      ...blocks("blocks_a", c.depth, D, c.mlpRatio),
      ...blocks("blocks_v", c.depth, D, c.mlpRatio),
      ...blocks("blocks_u", c.sharedDepth, D, c.mlpRatio),
      ...layerNormSpecs("norm_a", D),
      ...layerNormSpecs("norm_v", D),
      ...layerNormSpecs("norm", D),
      ...linearSpecs("decoder_embed", D, E),
      ...blocks("decoder_blocks", c.decoderDepth, E, c.mlpRatio),
      ...layerNormSpecs("decoder_norm", E),
      ...linearSpecs("decoder_pred_a", E, c.patchSize ** 2),
      ...linearSpecs("decoder_pred_v", E, c.patchSize ** 2 * c.channels),
    };
  },
  prepare: (c, { images, spectrograms }, draws) => {
    const N = images!.shape[0]!;
    const { sound, picture } = grids(c);
    const hide = (L: number, ratio: number, stream: string) => {
      const { idsKeep, idsRestore, mask } = randomMasking(draws, N, L, ratio);
      return {
        [`idsKeep_${stream}`]: { shape: [N, idsKeep.length / N], data: idsKeep },
        [`idsRestore_${stream}`]: { shape: [N, L], data: idsRestore },
        [`mask_${stream}`]: { shape: [N, L], data: mask },
      };
    };
    return {
      images: images!,
      spectrograms: spectrograms!,
      ...hide(sound.L, c.soundMaskRatio, "a"), //                                                 1
      ...hide(picture.L, c.maskRatio, "v"),
    };
  },
  evaluate: (c, p, x) => {
    const spectrograms = upright(x.spectrograms!);
    const a = own(c, p, "a", spectrograms, x.idsKeep_a); //                               1-2    [N, K_a, D]
    const v = own(c, p, "v", x.images!, x.idsKeep_v); //                                         [N, K_v, D]
    const joint = layerNorm(p, "norm", inRow(c, p, "blocks_u", c.sharedDepth, concat([a, v], 1)), c.eps); // 3
    const [soundOnly, pictureOnly] = [single(c, p, a, "a"), single(c, p, v, "v")];
    const [predA, predV] = decode(c, p, joint, x); //                                     4
    const lossA = maskedMean(l2(predA, targetOf(c, spectrograms)), x.mask_a!);
    const lossV = maskedMean(l2(predV, targetOf(c, x.images!)), x.mask_v!);
    const lossMae = mul(add(lossA, lossV), c.reconstructionWeight); //                    5      []
    const [meanA, meanV] = [mean(soundOnly, 1), mean(pictureOnly, 1)]; //                        [N, D] each
    const lossC = mul(infoNce(meanV, meanA, c.temperature), c.contrastWeight); //         6      []
    const outputs = { joint, soundOnly, pictureOnly, meanA, meanV, predA, predV, lossA, lossV, lossMae, lossC };
    return { loss: add(lossMae, lossC), outputs }; //                                     7
  },
  encode: (c, p, { images, spectrograms }) => {
    const a = own(c, p, "a", upright(spectrograms!));
    const v = own(c, p, "v", images!);
    return mean(layerNorm(p, "norm", inRow(c, p, "blocks_u", c.sharedDepth, concat([a, v], 1)), c.eps), 1);
  },
  pictures: (c, { images, mask_v }, { predV }) => maskedPictures(c, images!, mask_v!, predV as Tensor),
};

const grids = (c: CavMaeConfig) => ({
  sound: patchGrid({ imageSize: [c.soundSize[1], c.soundSize[0]], patchSize: c.patchSize }),
  picture: patchGrid(c),
});

/** Spectrograms [N, 1, time, frequency] -> [N, 1, frequency, time]. */
const upright = (x: Tensor): Tensor => transpose(x, [0, 1, 3, 2]);

const targetOf = (c: CavMaeConfig, x: Tensor): Tensor => {
  const P = patchify(x, c.patchSize);
  return c.normalizedTarget ? normalizedPixels(P) : P;
};

/** A modality's own encoder on its visible patches (all without ids) -> [N, K, D]. */
function own(c: CavMaeConfig, p: Params, stream: "a" | "v", x: Tensor, idsKeep?: Tensor): Tensor {
  const embedded = patchEmbed(p, `patch_embed_${stream}.proj`, x); // [N, L, D]
  const placed = add(add(embedded, param(p, `pos_embed_${stream}`)), param(p, `modality_${stream}`));
  return inRow(c, p, `blocks_${stream}`, c.depth, idsKeep ? gather(placed, idsKeep) : placed);
}

/** The shared block on one modality alone, with that modality's normalisations. */
function single(c: CavMaeConfig, p: Params, x: Tensor, stream: "a" | "v"): Tensor {
  const last = `blocks_u.${c.sharedDepth - 1}`;
  return layerNorm(p, `norm_${stream}`, streamBlock(p, last, x, stream, options(c, c.heads)), c.eps);
}

function inRow(c: CavMaeConfig, p: Params, name: string, depth: number, x: Tensor, heads = c.heads): Tensor {
  const joint: Stream = "joint";
  let y = x;
  for (let i = 0; i < depth; i++) y = streamBlock(p, `${name}.${i}`, y, joint, options(c, heads));
  return y;
}

/** Predictions for all patches of sound [N, L_a, p²] and picture [N, L_v, p²C]. */
function decode(c: CavMaeConfig, p: Params, joint: Tensor, x: Inputs): readonly [Tensor, Tensor] {
  const embedded = linear(p, "decoder_embed", joint); // [N, K_a + K_v, E]
  const N = embedded.shape[0]!;
  const K = x.idsKeep_a!.shape[1]!;
  const restored = (["a", "v"] as const).map((stream) => {
    const visible = stream === "a" ? slice(embedded, 1, 0, K) : slice(embedded, 1, K);
    const ids = x[`idsRestore_${stream}`]!;
    const hidden = ids.shape[1]! - visible.shape[1]!;
    const masks = broadcastTo(param(p, "mask_token"), [N, hidden, c.decoderDim]);
    const placed = add(gather(concat([visible, masks], 1), ids), param(p, `decoder_pos_embed_${stream}`));
    return add(placed, param(p, `decoder_modality_${stream}`)); // [N, L, E]
  });
  const y = inRow(c, p, "decoder_blocks", c.decoderDepth, concat(restored, 1), c.decoderHeads);
  const normed = layerNorm(p, "decoder_norm", y, c.eps);
  const La = restored[0]!.shape[1]!;
  return [linear(p, "decoder_pred_a", slice(normed, 1, 0, La)), linear(p, "decoder_pred_v", slice(normed, 1, La))];
}

const options = (c: CavMaeConfig, heads: number) => ({
  heads,
  eps: c.eps,
  ...(c.activation && { activation: c.activation }),
});

const blocks = (name: string, depth: number, D: number, mlpRatio?: number): ParamSpecs =>
  Object.assign({}, ...Array.from({ length: depth }, (_, i) => streamBlockSpecs(`${name}.${i}`, D, mlpRatio)));

const table = (D: number, { h, w, L }: { h: number; w: number; L: number }): ParamSpec => ({
  shape: [1, L, D],
  init: { values: sinCos2d(D, h, w) },
  trainable: false,
});
