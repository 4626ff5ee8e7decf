/**
 * MGMAE. Huang et al. 2023, MGMAE: Motion Guided Masking for Video Masked Autoencoding, §3. VideoMAE with masks that follow
 * the motion, so that what is hidden in one frame stays hidden in the others:
 *
 *   1  P = cubes of s frames and p x p pixels                             [N, L, s·p², C]
 *   2  a map of visible places for the middle frame, bumps around the     [N, H, W]
 *      patches kept at random
 *   3  optical flow carries it to all frames; holes take the drawn map    [N, T, H, W]
 *   4  in every time slice the cubes with the largest sums are visible    [N, K]
 *   5  encode, decode, mean square over hidden cubes as in VideoMAE
 * The authors estimate the flow with RAFT; here it is the toy world's own.
 */
import { cubeGrid } from "../architecture/videoViT.ts";
import { idsOf } from "../masking/maskedIds.ts";
import { motionGuidedMasking } from "../masking/motionGuided.ts";
import type { Method } from "../method.ts";
import { type VideoMaeConfig, videoMae } from "./videoMae.ts";

export const mgMae: Method<VideoMaeConfig> = {
  ...videoMae,
  id: "mgmae",
  title: "MGMAE",
  paper: "huang2023mgmae",
  source: "Huang et al. 2023, §3; survey §2.1, Algorithm 1",
  recipe: {
    ...videoMae.recipe,
    masking: { file: "masking/motionGuided", does: "visible places carried along by the optical flow" },
  },
  published: {
    bumpWidth: {
      value: "the patch size, bumps combined by their maximum",
      source: "released code, dataset/masking_generator.py",
    },
    baseFrame: { value: "the middle one", source: "released code, engine_for_mgmae.py, default" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mgMae.test.ts" },
  prepare: (c, { videos, flow, backwardFlow }, draws) => {
    const N = videos!.shape[0]!;
    const { L } = cubeGrid(c);
    const size = [c.frames, ...c.imageSize] as const;
    const tubelet = [c.tubelet, c.patchSize, c.patchSize] as const;
    const motion = { forward: flow!.data, backward: backwardFlow!.data };
    const mask = motionGuidedMasking(draws, N, { size, tubelet }, motion, c.maskRatio); //   2-4
    const [idsKeep, idsMask] = [idsOf(mask, N, 0), idsOf(mask, N, 1)];
    return {
      videos: videos!,
      mask: { shape: [N, L], data: mask },
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsMask: { shape: [N, idsMask.length / N], data: idsMask },
    };
  },
};
