/**
 * MME. Sun et al. 2023, Masked Motion Encoding for Self-Supervised Video Representation Learning, §3 (XinyuSun/MME).
 * Survey §3.2: motion trajectories in place of frames. Algorithm 1 on clips, with another target:
 *
 *   1    the network sees every `stride`-th frame; P = cubes of it                              [N, L, D] once embedded
 *   2    tube mask: the same places hidden at all times                                         [N, K], [N, M]
 *   3-5  H[I_v] = E_θ(VP_φ(p_i))                                                                [N, K, D]
 *   6-7  decoder on the latents and a mask token for each hidden cube                           [N, M, D']
 *   8    two heads: T̂_s = σ(MLP_0),  T̂_z = tanh(MLP_1)                                          [N, M, F_s], [N, M, F_z]
 *   9    targets: 2 x 2 points of a cube followed by the flow of all frames, for S frames;
 *        T_z = their steps,  T_s = histograms of gradients of the cells they pass               (target/motion.ts)
 *        loss = (w · 32 mean (T̂_z - T_z)² + sum of α_s (T̂_s - T_s)², averaged over s) / 2,
 *        averaged over the hidden cubes; steps count where a point of the cube stayed in the picture
 *
 * The released script (scripts/pretrain/k400-1600epo.sh) leaves T_s at the histograms of each cube's middle frame, one a cell,
 * not followed (`shape: "middle"`, summed without α); "followed" is what the paper describes and the release's VolumeHOG.
 * Flow is the toy world's own; the authors estimate it, and remove the camera's part.
 */
import {
  cubeGrid,
  decodeCubeTokens,
  encodeCubes,
  type VideoViT,
  videoDecoderBodySpecs,
  videoEncoderSpecs,
} from "../architecture/videoViT.ts";
import { idsOf } from "../masking/maskedIds.ts";
import { tubeMasking } from "../masking/tube.ts";
import type { HostTensor, Method } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import {
  add,
  type DType,
  div,
  gather,
  gelu,
  mean,
  mul,
  reshape,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "../ops.ts";
import { interpolatedHog } from "../target/interpolatedHog.ts";
import { movesInside, positionChanges, type Sizes, shapeChanges } from "../target/motion.ts";
import { trajectories } from "../target/trajectory.ts";
import { videoMae } from "./videoMae.ts";

export interface MmeConfig extends VideoViT {
  readonly maskRatio: number;
  /** Frames of the clip from one that the network sees to the next. */
  readonly stride: number;
  /** S, frames that a point is followed for. */
  readonly trajectoryLength: number;
  readonly bins: number;
  /** Width between the two layers of a head. */
  readonly headHidden: number;
  readonly shape: "followed" | "middle";
  /** Whether steps are normalised cube by cube. */
  readonly patchNormalized: boolean;
  readonly wholePixels: boolean;
  /** w, and α_s for every frame but a point's first, whose weight is 1. */
  readonly stepWeight: number;
  readonly laterFrames: number;
}

export const mme: Method<MmeConfig> = {
  id: "mme",
  title: "MME",
  paper: "sun2023mme",
  source: "Sun et al. 2023, §3; XinyuSun/MME, pretrain/engine.py and pretrain/model.py; survey §3.2",
  recipe: {
    masking: { file: "masking/tube", does: "70 % of the plane, the same places at all times" },
    target: { file: "target/motion", does: "steps of followed points, and the gradients they pass" },
    objective: { file: "objective/l2", does: "squared errors of steps and of histograms over the hidden cubes" },
    architecture: { file: "architecture/videoViT", does: "VideoMAE's, with a head for steps and one for shapes" },
  },
  published: {
    maskRatio: { value: 0.7, source: "XinyuSun/MME, scripts/pretrain/k400-1600epo.sh" },
    trajectoryLength: { value: 4, source: "XinyuSun/MME, scripts/pretrain/k400-1600epo.sh" },
    stride: { value: 4, source: "XinyuSun/MME, scripts/pretrain/k400-1600epo.sh (sampling_rate)" },
    decoder: { value: "1 block, 192 wide, 6 heads", source: "XinyuSun/MME, the script, pretrain/run.py and model.py" },
    hog: { value: "9 bins, cells of 8 pixels, not normalised, 3 channels", source: "XinyuSun/MME, pretrain/run.py" },
    laterFrames: { value: 0.1, source: "XinyuSun/MME, pretrain/run.py (alpha)" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mme.test.ts" },
  toy: {
    ...videoMae.toy,
    steps: 450,
    batch: 8,
    config: {
      ...videoMae.toy.config,
      frames: 4,
      stride: 2,
      maskRatio: 0.7,
      trajectoryLength: 4,
      bins: 9,
      headHidden: 64,
      shape: "followed",
      patchNormalized: true,
      wholePixels: false,
      stepWeight: 1,
      laterFrames: 0.1,
    },
  },
  specs: (c) => {
    const heads = [shapeSize(c), 8 * c.trajectoryLength].map(
      (F, i): ParamSpecs => ({
        ...linearSpecs(`decoder.0.head.${i}.0`, c.decoderDim, c.headHidden),
        ...linearSpecs(`decoder.0.head.${i}.2`, c.headHidden, F),
      }),
    );
    return Object.assign({ ...videoEncoderSpecs(c), ...renamed(videoDecoderBodySpecs(c), released) }, ...heads);
  },
  prepare: (c, { videos, flow }, draws) => {
    const N = videos!.shape[0]!;
    const { grid, L } = cubeGrid(c);
    const mask = tubeMasking(draws, N, { frames: grid[0], patches: grid[1] * grid[2] }, c.maskRatio); //   2
    const [idsKeep, idsMask] = [idsOf(mask, N, 0), idsOf(mask, N, 1)];
    return {
      videos: sparse(c, videos!), //                                                                       1
      ...motionTargets(c, videos!, flow!), //                                                              9
      mask: { shape: [N, L], data: mask },
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsMask: { shape: [N, idsMask.length / N], data: idsMask },
    };
  },
  evaluate: (c, p, { videos, idsKeep, idsMask, steps, shapes, inside }) => {
    const { latent } = encodeCubes(c, p, videos!, idsKeep); //                       3-5  [N, K, D]
    const tokens = decodeCubeTokens(c, renamed(p, ours), latent, idsKeep!, idsMask!); // 6-7  [N, M, D']
    const predShapes = sigmoid(head(p, 0, tokens)); //                               8    [N, M, F_s]
    const predSteps = tanh(head(p, 1, tokens)); //                                        [N, M, 2·S·4]
    const [N, M] = idsMask!.shape as [number, number];
    const counted = reshape(gather(reshape(inside!, [N, -1, 1]), idsMask!), [N, M]);
    const stepErrors = mean(square(sub(predSteps, gather(steps!, idsMask!))), -1); // 9   [N, M]
    const lossSteps = mul(mean(mul(stepErrors, counted)), 32 * c.stepWeight);
    const shapeErrors = square(sub(predShapes, gather(shapes!, idsMask!))); //            [N, M, F_s]
    const lossShapes = div(sum(overFrames(c, shapeErrors)), N * M);
    const loss = div(add(lossSteps, lossShapes), 2);
    return { loss, outputs: { latent, predSteps, predShapes, lossSteps, lossShapes } };
  },
  arrange: (c, { videos }) => ({ videos: sparse(c, videos!) }),
  encode: (c, p, { videos }) => mean(encodeCubes(c, p, videos!).latent, 1),
};

/** Values of T_s for a cube: 2 x 2 cells of each channel's histogram, once or in each frame. */
const shapeSize = (c: MmeConfig): number => c.channels * c.bins * 4 * (c.shape === "followed" ? c.trajectoryLength : 1);

/** Two layers with GELU between; head 0 tells shapes, head 1 steps. */
const head = (p: Params, i: 0 | 1, x: Tensor): Tensor =>
  linear(p, `decoder.0.head.${i}.2`, gelu(linear(p, `decoder.0.head.${i}.0`, x)));

/** Errors of shapes weighted by frame and averaged over the frames; as they are where there is one frame. */
function overFrames(c: MmeConfig, errors: Tensor): Tensor {
  if (c.shape === "middle") return errors;
  const S = c.trajectoryLength;
  const weights = Float64Array.from({ length: S }, (_, s) => (s === 0 ? 1 : c.laterFrames));
  const byFrame = reshape(errors, [errors.shape[0]! * errors.shape[1]!, c.channels * c.bins, S, 4]);
  return mean(mul(byFrame, tensor(weights, [1, 1, S, 1], errors.dtype as DType)), 2);
}

/** T_z [N, L, 2·S·4], T_s [N, L, F_s], and whether steps count [N, L]. */
export function motionTargets(c: MmeConfig, videos: HostTensor, flow: HostTensor): Record<string, HostTensor> {
  const [N, t, S]: Sizes = [videos.shape[0]!, cubeGrid(c).grid[0], c.trajectoryLength];
  const cell = c.patchSize / 2;
  const starts = Array.from({ length: t }, (_, k) => k * c.tubelet * c.stride);
  const followed = trajectories(flow, { starts, length: S, cell, wholePixels: c.wholePixels });
  const hogs = frameHogs(videos, c.bins, cell);
  const middle = starts.map((start) => start + Math.floor(c.tubelet / 2) * c.stride);
  const unmoved = trajectories(flow, { starts: middle, length: 1, cell, wholePixels: false });
  return {
    steps: positionChanges(followed, [N, t, S], c.patchNormalized),
    shapes:
      c.shape === "followed"
        ? shapeChanges(hogs, followed, [N, t, S], { starts, cell })
        : shapeChanges(hogs, unmoved, [N, t, 1], { starts: middle, cell }),
    inside: movesInside(followed, N),
  };
}

/** Histograms of every frame: clips [N, C, T, H, W] -> [N, T, C, bins, H / cell, W / cell]. */
function frameHogs({ shape, data }: HostTensor, bins: number, cell: number): HostTensor {
  const [N, C, T, H, W] = shape as [number, number, number, number, number];
  const frames = new Float64Array(data.length);
  for (let i = 0; i < N * T * C; i++) {
    const [n, t, channel] = [Math.floor(i / (T * C)), Math.floor(i / C) % T, i % C];
    const from = ((n * C + channel) * T + t) * H * W;
    frames.set(data.subarray(from, from + H * W), i * H * W);
  }
  const made = interpolatedHog({ shape: [N * T, C, H, W], data: frames }, { bins, cell, unitLength: false });
  return { shape: [N, T, ...made.shape.slice(1)], data: made.data };
}

/** Every `stride`-th frame of clips [N, C, T, H, W]. */
function sparse(c: MmeConfig, { shape, data }: HostTensor): HostTensor {
  const [N, C, T, H, W] = shape as [number, number, number, number, number];
  if (T < (c.frames - 1) * c.stride + 1) {
    throw new RangeError(`mme: expected clips of ${c.frames} frames, ${c.stride} apart, found ${T} frames`);
  }
  const out = new Float32Array(N * C * c.frames * H * W);
  for (let i = 0; i < N * C * c.frames; i++) {
    const from = (Math.floor(i / c.frames) * T + (i % c.frames) * c.stride) * H * W;
    out.set(data.subarray(from, from + H * W), i * H * W);
  }
  return { shape: [N, C, c.frames, H, W], data: out };
}

/** The released decoder is the first of a list, VideoMAE's stands alone. */
const released = (name: string): string =>
  name.replace(/^decoder\./, "decoder.0.").replace(/^encoder_to_decoder\./, "encoder_to_decoder.0.");
const ours = (name: string): string =>
  name.replace(/^decoder\.0\./, "decoder.").replace(/^encoder_to_decoder\.0\./, "encoder_to_decoder.");
const renamed = <T>(record: Readonly<Record<string, T>>, name: (old: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([old, x]) => [name(old), x]));
