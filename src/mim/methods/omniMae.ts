/**
 * OmniMAE. Girdhar et al. 2023, OmniMAE: Single Model Masked Pretraining on Images and Videos, §3
 * (facebookresearch/omnivore). Survey §2.1, Algorithm 1, on pictures and clips with one set of weights:
 *
 *   1      a picture is a clip whose one frame is repeated to fill a cube; P = cubes   [N, L, s·p², C]
 *   2      random mask over all cubes, a larger share of clips than of pictures        [N, K], [N, L - K]
 *   3-5    H[I_v] = E_θ(VP_φ(p_i)), no mark of which kind it is                        [N, K, D]
 *   6-7    H[I_m] = M, at the encoder's width, positions added                         [N, L, D]
 *   8      P̂ = D_ϕ(H)                                                                  [N, L, s·p²·C]
 *   9      loss = mean square over the hidden cubes, channels of a cube normalised apart
 *
 * The abstract and the survey (§6) tell of 90 % of pictures and 95 % of clips hidden; the released configuration
 * (omnimae_vitbase_ssv2_in1k.yaml) hides 75 % and 90 %. In the release each step is of one kind, drawn at random; here each
 * step takes both where the batch has both and averages the two losses, so that clips, which have more cubes, do not outvote.
 * The prediction for a picture covers both copies of its frame.
 */
import { asClips, decodeOmni, encodeOmni, type OmniViT, omniSpecs } from "../architecture/omniViT.ts";
import { cubeGrid } from "../architecture/videoViT.ts";
import type { Draws } from "../draws.ts";
import { shuffledMasking } from "../masking/shuffled.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { HostInputs, HostTensor, Inputs, Method } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { tubePatchify } from "../nn/tubePatchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { type DType, div, gather, mean, mul, reshape, sumOf, type Tensor, tensor, transpose } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedClips } from "../train/clipPictures.ts";
import { videoMae } from "./videoMae.ts";

export interface OmniMaeConfig extends OmniViT {
  /** Shares of a picture's and of a clip's cubes that are hidden. */
  readonly imageMaskRatio: number;
  readonly videoMaskRatio: number;
  /** Each channel's deviation by which the input was divided; undone before the target is made. None unless given. */
  readonly channelDeviation?: readonly number[];
}

const KINDS = ["images", "videos"] as const;
type Kind = (typeof KINDS)[number];

export const omniMae: Method<OmniMaeConfig> = {
  id: "omnimae",
  title: "OmniMAE",
  paper: "girdhar2023omnimae",
  source: "Girdhar et al. 2023, §3; facebookresearch/omnivore; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/shuffled", does: "90 % of a picture's cubes and 95 % of a clip's, at random" },
    target: { file: "target/normalizedPixels", does: "pixels, each channel of a cube normalised" },
    objective: { file: "objective/l2", does: "mean square over the hidden cubes, pictures and clips alike" },
    architecture: { file: "architecture/omniViT", does: "one transformer; a picture is a clip of one moment" },
  },
  published: {
    imageMaskRatio: { value: "0.9; 0.75 in the release", source: "abstract; released omnimae_vitbase_ssv2_in1k.yaml" },
    videoMaskRatio: { value: "0.95; 0.9 in the release", source: "abstract; released omnimae_vitbase_ssv2_in1k.yaml" },
    decoder: { value: "4 blocks, 384 wide, 16 heads", source: "released omnimae/omni_mae_model.py" },
    cube: { value: "2 frames of 16 x 16 pixels", source: "released omnimae/omni_mae_model.py" },
    optimizer: { value: "AdamW, betas 0.9 and 0.95, weight decay 0.05", source: "released yaml, as above" },
    repeatedSampling: { value: "4 masks of a clip that is loaded once", source: "released yaml, as above" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/omniMae.test.ts" },
  toy: {
    ...videoMae.toy,
    batch: 24,
    config: {
      ...videoMae.toy.config,
      decoderQkvBias: true,
      imageMaskRatio: 0.75,
      videoMaskRatio: 0.9,
    },
  },
  specs: omniSpecs,
  prepare: (c, batch, draws) => {
    const given = batch.images ? batch : halves(batch.videos!);
    return Object.assign(
      {},
      ...KINDS.filter((kind) => given[kind]).map((kind) => hidden(c, kind, given[kind]!, draws)),
    );
  },
  evaluate: (c, p, x) => {
    const kinds = KINDS.filter((kind) => x[kind]);
    const made = kinds.map((kind) => evaluateKind(c, p, kind, x));
    const loss = div(sumOf(...made.map((one) => one.loss)), made.length);
    return { loss, outputs: Object.fromEntries(kinds.map((kind, i) => [kind, made[i]!])) };
  },
  encode: (c, p, { images, videos }) => mean(encodeOmni(c, p, (images ?? videos)!), 1),
  pictures: (c, { videos, images, ids_videos, ids_images }, outputs) => {
    const [kind, x, ids] = videos
      ? (["videos", videos, ids_videos] as const)
      : (["images", images, ids_images] as const);
    const { pred } = outputs[kind] as Readonly<Record<"pred", Tensor>>;
    const clips = asClips(c, x!);
    return maskedClips({ ...c, frames: clips.shape[2]! }, clips, ids!, gather(pred, ids!));
  },
};

/** A step's loss on pictures or on clips. */
function evaluateKind(c: OmniMaeConfig, p: Params, kind: Kind, x: Inputs) {
  const target = cubes(c, asClips(c, x[kind]!)); //                          1    [N, L, s·p²·C]
  const latent = encodeOmni(c, p, x[kind]!, x[`idsKeep_${kind}`]!); //       3-5  [N, K, D]
  const pred = decodeOmni(c, p, latent, x[`idsRestore_${kind}`]!); //        6-8  [N, L, s·p²·C]
  const loss = maskedMean(l2(pred, target), x[`mask_${kind}`]!); //          9    []
  return { latent, pred, target, loss };
}

/** Cubes of clips, each channel of each to mean 0 and variance 1 -> [N, L, s·p²·C]. */
function cubes(c: OmniMaeConfig, clips: Tensor): Tensor {
  const pixels = c.channelDeviation
    ? mul(clips, tensor(c.channelDeviation, [1, c.channels, 1, 1, 1], clips.dtype as DType))
    : clips;
  const P = tubePatchify(pixels, c.tubelet, c.patchSize); // [N, L, s·p², C]
  const normalized = transpose(normalizedPixels(transpose(P, [0, 1, 3, 2])), [0, 1, 3, 2]);
  return reshape(normalized, [P.shape[0]!, P.shape[1]!, -1]);
}

/** Inputs of one kind with their masks (step 2); ⌊ratio · L⌋ cubes of each example are hidden. */
function hidden(c: OmniMaeConfig, kind: Kind, x: HostTensor, draws: Draws): HostInputs {
  const N = x.shape[0]!;
  const [t, h, w] = cubeGrid(c).grid;
  const L = kind === "images" ? h * w : t * h * w;
  const mask = shuffledMasking(draws, N, L, kind === "images" ? c.imageMaskRatio : c.videoMaskRatio);
  const { idsKeep, idsMasked, idsRestore } = visibleFirst(mask, N, L);
  return {
    [kind]: x,
    [`mask_${kind}`]: { shape: [N, L], data: mask },
    [`ids_${kind}`]: { shape: [N, idsMasked.length / N], data: idsMasked },
    [`idsKeep_${kind}`]: { shape: [N, idsKeep.length / N], data: idsKeep },
    [`idsRestore_${kind}`]: { shape: [N, L], data: idsRestore },
  };
}

/** Of clips alone, the first half as pictures, by their first frame, and the rest as clips. */
function halves({ shape, data }: HostTensor): Partial<Record<Kind, HostTensor>> {
  const [N, C, T, H, W] = shape as [number, number, number, number, number];
  const n = Math.floor(N / 2);
  const pictures = new Float32Array(n * C * H * W);
  for (let plane = 0; plane < n * C; plane++) {
    pictures.set(data.subarray(plane * T * H * W, plane * T * H * W + H * W), plane * H * W);
  }
  return {
    ...(n > 0 && { images: { shape: [n, C, H, W], data: pictures } }),
    videos: { shape: [N - n, C, T, H, W], data: data.slice(n * C * T * H * W) },
  };
}
