/**
 * MVD. Wang et al. 2023, Masked Video Distillation: Rethinking Masked Feature Modeling for Self-supervised Video
 * Representation Learning, §3. Survey §3.13 and Fig. 19.
 *
 *   1  Stage 1: an MAE of single frames and a VideoMAE of clips are trained on pixels, then frozen
 *   2  Stage 2: tube mask of a clip; the student encodes what it leaves          [N, K, D]
 *   3  F_i = last block of the image teacher on one whole frame of each tubelet  [N, L, D_i]
 *      F_v = last block of the video teacher on the whole clip                   [N, L, D_v]
 *   4  two decoders of the student predict both at the hidden cubes              [N, M, D_i], [N, M, D_v]
 *   5  loss = w_i smoothL1(decoder 1, F_i) + w_v smoothL1(decoder 2, F_v)
 * The paper writes an L2 loss; the released runs use smooth L1 (`distance`).
 */
import { type AsymmetricViT, encodeLayers } from "../architecture/asymmetricViT.ts";
import {
  cubeGrid,
  decodeCubes,
  encodeCubes,
  type VideoEncoder,
  type VideoViT,
  videoDecoderSpecs,
  videoEncoderSpecs,
} from "../architecture/videoViT.ts";
import { type HostTensor, type Method, teacherOf } from "../method.ts";
import { type ParamSpecs, type Params, prefixed, under } from "../nn/params.ts";
import { l2 } from "../objective/l2.ts";
import { smoothL1 } from "../objective/smoothL1.ts";
import { add, gather, mean, mul, reshape, slice, stopGradient, type Tensor, transpose } from "../ops.ts";
import { sinCos3d } from "../positions/sinCos3d.ts";
import { frozen } from "../state/frozen.ts";
import { type MaeConfig, mae } from "./mae.ts";
import { type VideoMaeConfig, videoMae } from "./videoMae.ts";

export interface MvdConfig extends VideoEncoder {
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly maskRatio: number;
  readonly imageTeacher: MaeConfig;
  readonly videoTeacher: VideoMaeConfig;
  /** w_i and w_v */
  readonly imageWeight: number;
  readonly videoWeight: number;
  readonly distance: "smoothL1" | "l2";
}

const IMAGE_TEACHER = "image_teacher.";
const VIDEO_TEACHER = "video_teacher.";
const WAYS = ["img", "vid"] as const;
type Way = (typeof WAYS)[number];

const student = (c: MvdConfig, way: Way): VideoViT => ({
  ...c,
  predicted: way === "img" ? c.imageTeacher.dim : c.videoTeacher.dim,
});

/** The student's names of a decoder's parameters, from those of VideoMAE's. */
const decoderName = (way: Way) => (name: string) =>
  name
    .replace(/^encoder_to_decoder/, `down_${way}`)
    .replace(/^decoder\./, `decoder_${way}.`)
    .replace(/^(mask_token|pos_embed)$/, `$1_${way}`);

function studentSpecs(c: MvdConfig): ParamSpecs {
  const { grid, L } = cubeGrid(c);
  const table = (D: number): ParamSpecs[string] => ({
    shape: [1, L, D],
    init: { values: sinCos3d(D, grid) },
    trainable: false,
  });
  const decoders = WAYS.map((way) => {
    const bias = { [`down_${way}.bias`]: { shape: [c.decoderDim], init: { constant: 0 } } } as const;
    const specs = { ...videoDecoderSpecs(student(c, way)), pos_embed: table(c.decoderDim) };
    return { ...renamed(specs, decoderName(way)), ...bias };
  });
  const encoder = renamed(videoEncoderSpecs(c), (name) => name.replace(/^encoder\./, ""));
  return Object.assign({ pos_embed: table(c.dim) }, encoder, ...decoders);
}

const renamed = <T>(record: Readonly<Record<string, T>>, name: (old: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([old, x]) => [name(old), x]));

/** The student's encoder under VideoMAE's names. */
const encoderParams = (p: Params): Params => renamed(p, (name) => `encoder.${name}`);

/** One of the student's decoders under VideoMAE's names. */
const decoderParams = (p: Params, way: Way): Params => ({
  ...renamed(under(p, `decoder_${way}.`), (name) => `decoder.${name}`),
  ...renamed(under(p, `down_${way}.`), (name) => `encoder_to_decoder.${name}`),
  mask_token: p[`mask_token_${way}`] as Tensor,
  pos_embed: p[`pos_embed_${way}`] as Tensor,
});

/** The first frame of every tubelet, [N, C, T, H, W] -> [N · T / s, C, H, W]. */
function tubeletFrames(c: VideoEncoder, clips: Tensor): Tensor {
  const [N, C, T, H, W] = clips.shape as [number, number, number, number, number];
  const frames = slice(reshape(clips, [N, C, T / c.tubelet, c.tubelet, H, W]), 3, 0, 1);
  return reshape(transpose(reshape(frames, [N, C, T / c.tubelet, H, W]), [0, 2, 1, 3, 4]), [-1, C, H, W]);
}

/** Features of the image teacher, [N, L, D_i]: each frame by itself, class token left out, last block not normalised. */
function imageFeatures(c: MvdConfig, p: Params, clips: Tensor): Tensor {
  const teacher: AsymmetricViT = c.imageTeacher;
  const last = encodeLayers(teacher, p, tubeletFrames(c, clips)).layers.at(-1)!;
  return reshape(slice(last, 1, 1), [clips.shape[0]!, -1, teacher.dim]);
}

/** MAE on the frames that the image teacher will see. */
const frameMae = (c: VideoEncoder): Method<MaeConfig> => ({
  ...mae,
  prepare: (own, { videos }, draws, progress) => mae.prepare(own, { images: hostFrames(c, videos!) }, draws, progress),
});

/** As `tubeletFrames`, on the host. */
function hostFrames(c: VideoEncoder, { shape, data }: HostTensor): HostTensor {
  const [N, C, T, H, W] = shape as [number, number, number, number, number];
  const frames = new Float32Array((N * C * T * H * W) / c.tubelet);
  const P = H * W;
  for (let i = 0; i < frames.length / P; i++) {
    const [n, t, channel] = [Math.floor(i / (C * (T / c.tubelet))), Math.floor(i / C) % (T / c.tubelet), i % C];
    const from = ((n * C + channel) * T + t * c.tubelet) * P;
    frames.set(data.subarray(from, from + P), i * P);
  }
  return { shape: [(N * T) / c.tubelet, C, H, W], data: frames };
}

const small = { dim: 48, depth: 2, heads: 4 };

export const mvd: Method<MvdConfig> = {
  id: "mvd",
  title: "MVD",
  paper: "wang2023mvd",
  source: "Wang et al. 2023, §3; survey §3.13, Fig. 19",
  recipe: {
    masking: { file: "masking/tube", does: "90 % of the plane, the same places at all times" },
    target: { file: "state/frozen", does: "features of a masked image model and of a masked video model" },
    objective: { file: "objective/smoothL1", does: "smooth L1 to either teacher over the hidden cubes" },
    architecture: { file: "architecture/videoViT", does: "a student of clips with two light decoders" },
  },
  published: {
    maskRatio: { value: 0.9, source: "released code, scripts/mvd_vit_base_from_vit_base_teacher_epoch_400" },
    decoderDepth: { value: 2, source: "released code, scripts/mvd_vit_base_from_vit_base_teacher_epoch_400" },
    distance: { value: "smooth L1, both weights 1", source: "released code, run_mvd_pretraining.py" },
    learningRate: { value: "1.5e-4, AdamW, betas 0.9 and 0.95", source: "released code, scripts, as above" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mvd.test.ts" },
  toy: {
    ...videoMae.toy,
    steps: 450,
    batch: 8,
    config: {
      ...videoMae.toy.config,
      imageTeacher: { ...mae.toy.config, ...small, patchSize: 8 },
      videoTeacher: { ...videoMae.toy.config, ...small },
      imageWeight: 1,
      videoWeight: 1,
      distance: "smoothL1",
    },
  },
  specs: studentSpecs,
  state: {
    init: (c) =>
      frozen({
        ...prefixed(IMAGE_TEACHER, mae.specs(c.imageTeacher)),
        ...prefixed(VIDEO_TEACHER, videoMae.specs(c.videoTeacher)),
      }).init(),
    update: (_, state) => state,
  },
  teachers: (c) => [
    teacherOf({ prefix: IMAGE_TEACHER, method: frameMae(c), config: c.imageTeacher, steps: 100, lr: 1e-3 }),
    teacherOf({ prefix: VIDEO_TEACHER, method: videoMae, config: c.videoTeacher, steps: 100, lr: 1e-3 }),
  ],
  prepare: (c, batch, draws, progress) => videoMae.prepare(c, batch, draws, progress),
  evaluate: (c, p, { videos, idsKeep, idsMask }, state) => {
    const own = encoderParams(p);
    const { latent } = encodeCubes(c, own, videos!, idsKeep); //                               2   [N, K, D]
    const features = {
      img: imageFeatures(c, under(state, IMAGE_TEACHER), videos!), //                          3   [N, L, D_i]
      vid: encodeCubes(c.videoTeacher, under(state, VIDEO_TEACHER), videos!).layers.at(-1)!, //    [N, L, D_v]
    };
    const [image, video] = WAYS.map((way) => {
      const target = stopGradient(gather(features[way], idsMask!)); //                             [N, M, D_way]
      const pred = decodeCubes(student(c, way), decoderParams(p, way), latent, idsKeep!, idsMask!); // 4
      const distances = c.distance === "l2" ? l2(pred, target) : smoothL1(pred, target);
      return { pred, target, loss: mean(distances) };
    }) as [Distilled, Distilled];
    const loss = add(mul(image.loss, c.imageWeight), mul(video.loss, c.videoWeight)); //       5
    return { loss, outputs: { latent, image, video } };
  },
  encode: (c, p, { videos }) => mean(encodeCubes(c, encoderParams(p), videos!).latent, 1),
};

type Distilled = { readonly pred: Tensor; readonly target: Tensor; readonly loss: Tensor };
