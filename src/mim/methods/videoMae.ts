/**
 * VideoMAE. Tong et al. 2022, VideoMAE: Masked Autoencoders are Data-Efficient Learners for Self-Supervised Video
 * Pre-Training, §3. Survey §2.1, Algorithm 1, on clips:
 *
 *   1      P = cubes of s frames and p x p pixels                     [N, L, s·p², C]
 *   2      tube mask: the same places hidden at all times             [N, K], [N, L - K]
 *   3-5    H[I_v] = E_θ(VP_φ(p_i)), joint space-time attention        [N, K, D]
 *   6-8    P̂ = D_ϕ(visible, then a mask token for each hidden cube)   [N, L - K, s·p²·C]
 *   9      loss = mean square over the hidden cubes, channels of a cube normalised apart
 */
import {
  cubeGrid,
  decodeCubes,
  encodeCubes,
  type VideoViT,
  videoDecoderSpecs,
  videoEncoderSpecs,
} from "../architecture/videoViT.ts";
import { idsOf } from "../masking/maskedIds.ts";
import { tubeMasking } from "../masking/tube.ts";
import type { Method } from "../method.ts";
import { tubePatchify } from "../nn/tubePatchify.ts";
import { type DType, gather, mean, mul, reshape, square, sub, type Tensor, tensor } from "../ops.ts";
import { normalizedTubes } from "../target/normalizedTubes.ts";
import { maskedClips } from "../train/clipPictures.ts";

export interface VideoMaeConfig extends VideoViT {
  /** Share of the plane's places that is hidden. */
  readonly maskRatio: number;
  /** Each channel's deviation by which the clips were divided; undone before the target is made. None unless given. */
  readonly channelDeviation?: readonly number[];
}

/** The hidden cubes' normalised pixels, [N, M, s·p²·C]. */
export function hiddenCubes(
  c: VideoViT & Pick<VideoMaeConfig, "channelDeviation">,
  clips: Tensor,
  ids: Tensor,
): Tensor {
  const pixels = c.channelDeviation
    ? mul(clips, tensor(c.channelDeviation, [1, c.channels, 1, 1, 1], clips.dtype as DType))
    : clips;
  const cubes = normalizedTubes(tubePatchify(pixels, c.tubelet, c.patchSize));
  const [N, L] = cubes.shape as [number, number];
  return gather(reshape(cubes, [N, L, -1]), ids);
}

export const videoMae: Method<VideoMaeConfig> = {
  id: "videomae",
  title: "VideoMAE",
  paper: "tong2022videomae",
  source: "Tong et al. 2022, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/tube", does: "90 % of the plane, the same places at all times" },
    target: { file: "target/normalizedTubes", does: "pixels, each channel of a cube normalised" },
    objective: { file: "objective/l2", does: "mean square over the hidden cubes" },
    architecture: {
      file: "architecture/videoViT",
      does: "joint space-time attention over visible cubes, light decoder",
    },
  },
  published: {
    maskRatio: { value: 0.9, source: "§3.3 and abstract: 90 % to 95 %" },
    tubelet: { value: 2, source: "released code, modeling_pretrain.py, default" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/videomae.json.gz" },
  toy: {
    modality: "video",
    batch: 16,
    steps: 200,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      frames: 8,
      tubelet: 2,
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      decoderDim: 32,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-6,
      maskRatio: 0.75,
    },
  },
  specs: (c) => ({ ...videoEncoderSpecs(c), ...videoDecoderSpecs(c) }),
  prepare: (c, { videos }, draws) => {
    const N = videos!.shape[0]!;
    const { grid, L } = cubeGrid(c);
    const mask = tubeMasking(draws, N, { frames: grid[0], patches: grid[1] * grid[2] }, c.maskRatio); //                          2
    const [idsKeep, idsMask] = [idsOf(mask, N, 0), idsOf(mask, N, 1)];
    return {
      videos: videos!,
      mask: { shape: [N, L], data: mask },
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsMask: { shape: [N, idsMask.length / N], data: idsMask },
    };
  },
  evaluate: (c, p, { videos, idsKeep, idsMask }) => {
    const target = hiddenCubes(c, videos!, idsMask!); //                               1    [N, M, s·p²·C]
    const { latent, layers } = encodeCubes(c, p, videos!, idsKeep); //                 3-5  [N, K, D]
    const pred = decodeCubes(c, p, latent, idsKeep!, idsMask!); //                     6-8  [N, M, s·p²·C]
    const loss = mean(square(sub(pred, target))); //                                   9
    return { loss, outputs: { pred, target, latent, layers } };
  },
  encode: (c, p, { videos }) => mean(encodeCubes(c, p, videos!).latent, 1),
  pictures: (c, { videos, idsMask }, { pred }) => maskedClips(c, videos!, idsMask!, pred as Tensor),
};
