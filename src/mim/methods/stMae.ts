/**
 * ST-MAE. Feichtenhofer et al. 2022, Masked Autoencoders As Spatiotemporal Learners, §3. Survey §2.1, Algorithm 1, on clips:
 *
 *   1      P = cubes of s frames and p x p pixels                     [N, L, D] once embedded
 *   2      mask drawn over all L cubes, blind to space and time       [N, K], [N, L - K]
 *   3-5    H[I_v] = E_θ(cubes + E_space + E_time)                     [N, K, D]
 *   6-8    P̂ = D_ϕ(latents and mask tokens in their places)           [N, L, u·p²·C]
 *   9      loss = mean square over hidden cubes of u of their s frames, normalised cube by cube
 */

import {
  decodeSpaceTime,
  encodeSpaceTime,
  predictedTubelet,
  type SpaceTimeViT,
  spaceTimeSpecs,
} from "../architecture/spaceTimeViT.ts";
import { cubeGrid } from "../architecture/videoViT.ts";
import { randomMasking } from "../masking/random.ts";
import type { Method } from "../method.ts";
import { tubePatchify } from "../nn/tubePatchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { concat, mean, reshape, select, slice, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";
import { videoMae } from "./videoMae.ts";

export interface StMaeConfig extends SpaceTimeViT {
  /** Share of all cubes that is hidden. */
  readonly maskRatio: number;
  /** Whether the target is normalised cube by cube. */
  readonly normalizedTarget: boolean;
}

/**
 * Frames that are predicted: spread evenly, the first and the last among them; in float32 and from either end towards the
 * middle, as torch.linspace counts.
 */
function shownFrames({ frames, predictedFrames: many }: StMaeConfig): number[] {
  const step = Math.fround((frames - 1) / Math.max(1, many - 1));
  return Array.from({ length: many }, (_, i) =>
    Math.floor(Math.fround(i < many / 2 ? step * i : frames - 1 - Math.fround(step * (many - 1 - i)))),
  );
}

/** The predicted frames of clips [N, C, T, H, W] as cubes, [N, L, u·p²·C]. */
function targetCubes(c: StMaeConfig, clips: Tensor): Tensor {
  const chosen = concat(
    shownFrames(c).map((t) => slice(clips, 2, t, t + 1)),
    2,
  );
  const cubes = tubePatchify(chosen, predictedTubelet(c), c.patchSize);
  const flat = reshape(cubes, [cubes.shape[0]!, cubes.shape[1]!, -1]);
  return c.normalizedTarget ? normalizedPixels(flat) : flat;
}

export const stMae: Method<StMaeConfig> = {
  id: "st_mae",
  title: "ST-MAE",
  paper: "feichtenhofer2022stmae",
  source: "Feichtenhofer et al. 2022, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/random", does: "90 % of all cubes, drawn without regard to space or time" },
    target: { file: "target/normalizedPixels", does: "pixels of every other frame, normalised cube by cube" },
    objective: { file: "objective/l2", does: "mean square over the hidden cubes" },
    architecture: {
      file: "architecture/spaceTimeViT",
      does: "plain transformer, one position table of space and one of time",
    },
  },
  published: {
    maskRatio: { value: 0.9, source: "released code, PRETRAIN.md" },
    tubelet: { value: "2 of 16 frames; 8 frames predicted", source: "released code, PRETRAIN.md" },
    decoder: { value: "4 blocks, 512 wide", source: "released code, PRETRAIN.md" },
    learningRate: { value: "1.6e-3 · batch / 256", source: "released code, PRETRAIN.md" },
    repeatedSampling: { value: 4, source: "released code, PRETRAIN.md" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/stMae.test.ts" },
  toy: {
    ...videoMae.toy,
    batch: 8,
    steps: 800,
    config: { ...videoMae.toy.config, cls: true, predictedFrames: 4, normalizedTarget: true },
  },
  specs: spaceTimeSpecs,
  prepare: (c, { videos }, draws) => {
    const N = videos!.shape[0]!;
    const { L } = cubeGrid(c);
    const { idsKeep, idsRestore, mask } = randomMasking(draws, N, L, c.maskRatio); //     2
    return {
      videos: videos!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
  evaluate: (c, p, { videos, idsKeep, idsRestore, mask }) => {
    const target = targetCubes(c, videos!); //                                                 [N, L, u·p²·C]
    const latent = encodeSpaceTime(c, p, videos!, idsKeep); //                            1-5  [N, K, D]
    const pred = decodeSpaceTime(c, p, latent, idsRestore!); //                           6-8  [N, L, u·p²·C]
    const loss = maskedMean(l2(pred, target), mask!); //                                  9
    return { loss, outputs: { pred, target, latent } };
  },
  pictures: (c, { videos, mask }, { pred }) => {
    const [t, h, w] = cubeGrid(c).grid;
    const [slot, L] = [Math.floor(t / 2), h * w]; // the first frame that the middle time slot predicts
    const frame = shownFrames(c)[slot * predictedTubelet(c)]!;
    const tokens = slice(pred as Tensor, 1, slot * L, (slot + 1) * L);
    return maskedPictures(
      c,
      select(videos!, 2, frame),
      slice(mask!, 1, slot * L, (slot + 1) * L),
      slice(tokens, 2, 0, c.patchSize ** 2 * c.channels),
    );
  },
  encode: (c, p, { videos }) => mean(encodeSpaceTime(c, p, videos!), 1),
};
