/**
 * SiamMAE. Gupta et al. 2023, Siamese Masked Autoencoders, §3. Survey §3.1; Algorithm 1 on pairs of frames:
 *
 *   1    P_1, P_2 = patches of an earlier and a later frame of a clip            [N, L, p²C] each
 *   2    of the earlier nothing is hidden, of the later 95 %                     [N, K]
 *   3-5  one encoder for both, each frame by itself                              [N, 1 + L, D], [N, 1 + K, D]
 *   6-8  decoder on the later frame's tokens and mask tokens: in each block      [N, L, p²C]
 *        they look at the earlier frame's tokens, then at one another
 *   9    loss = mean square over the later frame's hidden patches, normalised patch by patch
 *
 * What was hidden can hardly be told from the 5 % that are seen, so the network must find where things went. There is no release: the
 * order of attentions, the decoder's size and the gap are ours where the sources at hand do not tell.
 */
import { encode, encoderSpecs, patchGrid, pooled } from "../architecture/asymmetricViT.ts";
import { decodeSiamese, siameseDecoderSpecs } from "../architecture/siameseDecoder.ts";
import { framePairs } from "../masking/framePair.ts";
import { randomMasking } from "../masking/random.ts";
import type { HostTensor, Method } from "../method.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { select, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface SiamMaeConfig extends MaeConfig {
  /** Frames from the earlier to the later one, least and most. */
  readonly gap: readonly [number, number];
}

export const siamMae: Method<SiamMaeConfig> = {
  id: "siammae",
  title: "SiamMAE",
  paper: "gupta2023siammae",
  source: "Gupta et al. 2023, §3; survey §3.1",
  recipe: {
    masking: { file: "masking/framePair", does: "nothing of an earlier frame, 95 % of a later one" },
    target: { file: "target/normalizedPixels", does: "the later frame's pixels, normalised patch by patch" },
    objective: { file: "objective/l2", does: "mean square over the later frame's hidden patches" },
    architecture: {
      file: "architecture/siameseDecoder",
      does: "one encoder for both frames, a decoder that looks across",
    },
  },
  published: { maskRatio: { value: 0.95, source: "abstract" } },
  evidence: { level: "mechanism", proof: "test/mim/methods/siamMae.test.ts" },
  toy: {
    modality: "video",
    batch: 16,
    steps: 700,
    lr: 3e-3,
    config: { ...mae.toy.config, maskRatio: 0.9, decoderDim: 48, gap: [1, 4] },
  },
  specs: (c) => ({ ...encoderSpecs(c), ...siameseDecoderSpecs(c) }),
  prepare: (c, { videos }, draws) => {
    const [N, , T] = videos!.shape as [number, number, number];
    const { L } = patchGrid(c);
    const { earlier, later } = framePairs(draws, N, T, c.gap); //                        1
    const { idsKeep, idsRestore, mask } = randomMasking(draws, N, L, c.maskRatio); //    2
    return {
      earlier: framesAt(videos!, earlier),
      later: framesAt(videos!, later),
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
  evaluate: (c, p, { earlier, later, idsKeep, idsRestore, mask }) => {
    const first = encode(c, p, earlier!).latent; //                     3-5  [N, 1 + L, D]
    const second = encode(c, p, later!, idsKeep).latent; //                  [N, 1 + K, D]
    const pred = decodeSiamese(c, p, first, second, idsRestore!); //    6-8  [N, L, p²C]
    const P = patchify(later!, c.patchSize);
    const target = c.normalizedTarget ? normalizedPixels(P) : P; //          [N, L, p²C]
    const loss = maskedMean(l2(pred, target), mask!); //                9    []
    return { loss, outputs: { pred, target, first, second } };
  },
  encode: (c, p, { videos }) => pooled(c, encode(c, p, select(videos!, 2, 0)).latent),
  pictures: (c, { later, mask }, { pred }) => maskedPictures(c, later!, mask!, pred as Tensor),
};

/** One frame of each clip [N, C, T, H, W] -> [N, C, H, W]. */
function framesAt({ shape, data }: HostTensor, at: Int32Array): HostTensor {
  const [N, C, T, H, W] = shape as [number, number, number, number, number];
  const out = new Float32Array(N * C * H * W);
  for (let plane = 0; plane < N * C; plane++) {
    const from = (plane * T + at[Math.floor(plane / C)]!) * H * W;
    out.set(data.subarray(from, from + H * W), plane * H * W);
  }
  return { shape: [N, C, H, W], data: out };
}
