/**
 * VideoMAE V2. Wang et al. 2023, VideoMAE V2: Scaling Video Masked Autoencoders with Dual Masking, §3.2. As VideoMAE, with a
 * second mask before the decoder:
 *
 *   1  P = cubes of s frames and p x p pixels                            [N, L, s·p², C]
 *   2  encoder mask M_e: a tube; E_θ sees what it leaves                 [N, K]
 *   3  decoder mask M_d: running cells; the tokens it leaves, set D, are [N, L / 2]
 *      decoded, visible or not
 *   4  P̂ = D_ϕ(latents of E, a mask token for every place of D)          [N, |D|, s·p²·C]
 *   5  loss = mean square over the cubes of D that the encoder did not see
 */
import { cubeGrid, decodeCubes, encodeCubes, videoDecoderSpecs, videoEncoderSpecs } from "../architecture/videoViT.ts";
import { idsOf } from "../masking/maskedIds.ts";
import { runningCell } from "../masking/runningCell.ts";
import { tubeMasking } from "../masking/tube.ts";
import type { HostInputs, HostTensor, Method } from "../method.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { mean, type Tensor } from "../ops.ts";
import { maskedClips } from "../train/clipPictures.ts";
import { hiddenCubes, type VideoMaeConfig, videoMae } from "./videoMae.ts";

export interface VideoMaeV2Config extends VideoMaeConfig {
  /** Share of the tokens that the decoder passes over: a quarter, a half or three quarters. */
  readonly decoderMaskRatio: number;
}

export const videoMaeV2: Method<VideoMaeV2Config> = {
  id: "videomae_v2",
  title: "VideoMAE V2",
  paper: "wang2023videomaev2",
  source: "Wang et al. 2023, §3.2; survey §2.1, Algorithm 1",
  recipe: {
    masking: {
      file: "masking/runningCell",
      does: "tubes for the encoder, half of the tokens in running cells for the decoder",
    },
    target: { file: "target/normalizedTubes", does: "pixels, each channel of a cube normalised" },
    objective: { file: "objective/maskedMean", does: "mean square over decoded cubes that the encoder did not see" },
    architecture: { file: "architecture/videoViT", does: "joint space-time attention, a decoder of half the tokens" },
  },
  published: {
    maskRatio: { value: 0.9, source: "released code, scripts/pretrain/vit_l_hybrid_pt.sh" },
    decoderMaskRatio: { value: 0.5, source: "released code, scripts/pretrain/vit_l_hybrid_pt.sh" },
    decoderDepth: { value: 4, source: "released code, scripts/pretrain/vit_l_hybrid_pt.sh" },
    learningRate: {
      value: "1e-3, AdamW, betas 0.9 and 0.95",
      source: "released code, scripts/pretrain/vit_l_hybrid_pt.sh",
    },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/videoMaeV2.test.ts" },
  toy: { ...videoMae.toy, batch: 8, steps: 800, config: { ...videoMae.toy.config, decoderMaskRatio: 0.5 } },
  specs: (c) => ({ ...videoEncoderSpecs(c), ...videoDecoderSpecs(c) }),
  prepare: (c, { videos }, draws) => {
    const N = videos!.shape[0]!;
    const { grid, L } = cubeGrid(c);
    const [frames, h, w] = grid;
    const [mask, passedOver] = [new Float32Array(N * L), new Float32Array(N * L)];
    for (let n = 0; n < N; n++) {
      mask.set(tubeMasking(draws, 1, { frames, patches: h * w }, c.maskRatio), n * L); //    2
      passedOver.set(runningCell(frames, [h, w], c.decoderMaskRatio, draws.integer(0, 4)), n * L); // 3
    }
    return videoMaeV2Inputs(videos!, mask, passedOver);
  },
  evaluate: (c, p, { videos, idsKeep, idsPredict, unseen }) => {
    const target = hiddenCubes(c, videos!, idsPredict!); //                                1    [N, |D|, s·p²·C]
    const { latent, layers } = encodeCubes(c, p, videos!, idsKeep); //                     2    [N, K, D]
    const pred = decodeCubes(c, p, latent, idsKeep!, idsPredict!); //                      4    [N, |D|, s·p²·C]
    const loss = maskedMean(l2(pred, target), unseen!); //                                 5
    return { loss, outputs: { pred, target, latent, layers } };
  },
  encode: (c, p, { videos }) => mean(encodeCubes(c, p, videos!).latent, 1),
  pictures: (c, { videos, idsPredict }, { pred }) => maskedClips(c, videos!, idsPredict!, pred as Tensor),
};

/** Inputs of a step from both masks [N, L], 1 where the encoder sees nothing and where the decoder passes over. */
export function videoMaeV2Inputs(videos: HostTensor, mask: Float32Array, passedOver: Float32Array): HostInputs {
  const N = videos.shape[0]!;
  const L = mask.length / N;
  const [idsKeep, idsPredict] = [idsOf(mask, N, 0), idsOf(passedOver, N, 0)];
  const M = idsPredict.length / N;
  return {
    videos,
    mask: { shape: [N, L], data: mask },
    idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
    idsPredict: { shape: [N, M], data: idsPredict },
    unseen: { shape: [N, M], data: Float32Array.from(idsPredict, (id, i) => mask[Math.floor(i / M) * L + id]!) },
  };
}
