/**
 * DiffMAE. Wei et al. 2023, Diffusion Models as Masked Autoencoders, §3. Survey §3.9; Algorithm 1 with noised patches in the
 * place of mask tokens:
 *
 *   1    P = split(X, h, w), pixels from -1 to 1                               [N, L, p²C]
 *   2    I_v, I_m = random mask; t uniform over 1 … T for each image           [N, K], [N, M], [N]
 *   3-5  encoder on the clean visible patches, as MAE                          [N, 1 + K, D] after each block
 *   6-7  x_t = √ᾱ_t x_0 + √(1 - ᾱ_t) ε for the hidden patches x_0              [N, M, p²C]
 *   8    x̂_0 = decoder of x_t and t that looks at the encoder's blocks         [N, M, p²C]
 *   9    loss = mean square of x̂_0 - x_0 over the hidden patches               scalar
 *   10   to inpaint: from x_T = ε down, x_{t-1} ~ q(x_{t-1} | x_t, x̂_0)        (`inpaint`)
 *
 * With ᾱ = 0 this is MAE: the decoder gets nothing of the hidden patch but its place. Pixels are not normalised patch by
 * patch, since noise is measured against them. There is no release. Where the sources at hand do not tell, we take: DDPM's
 * linear schedule with T = 1000, its sine waves through two layers for t, and links from evenly spaced encoder blocks; the "joint"
 * decoder and the variant that predicts CLIP features are left out.
 */

import { encodeLayers, encoderSpecs, patchGrid, pooled } from "../architecture/asymmetricViT.ts";
import { type DenoisingDecoder, decodeNoised, denoisingDecoderSpecs } from "../architecture/denoisingDecoder.ts";
import type { Draws } from "../draws.ts";
import { denoise } from "../generate/denoise.ts";
import { randomMasking } from "../masking/random.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { HostTensor, Inputs, Method } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import {
  add,
  type DType,
  div,
  gather,
  mean,
  mul,
  read,
  reshape,
  scatter,
  scope,
  sub,
  type Tensor,
  tensor,
} from "../ops.ts";
import { type Diffusion, linearDiffusion } from "../schedule/diffusion.ts";
import { RANGE } from "../toy/scale.ts";
import { maskedPictures } from "../train/pictures.ts";
import { mae } from "./mae.ts";

export interface DiffMaeConfig extends DenoisingDecoder {
  readonly maskRatio: number;
  /** T */
  readonly diffusionSteps: number;
  /** ρ, to which every ᾱ_t is raised. */
  readonly noiseExponent: number;
  /** Values of black and white in the pictures, 0 and 1 unless given. */
  readonly range?: readonly [black: number, white: number];
}

export const diffMae: Method<DiffMaeConfig> = {
  id: "diffmae",
  title: "DiffMAE",
  paper: "wei2023diffmae",
  source: "Wei et al. 2023, §3; Ho et al. 2020; survey §3.9",
  recipe: {
    masking: { file: "masking/random", does: "75 % of the patches" },
    target: { file: "nn/patchify", does: "clean pixels of hidden patches, which schedule/diffusion has noised" },
    objective: { file: "objective/l2", does: "mean square of the clean patches over the hidden ones" },
    architecture: {
      file: "architecture/denoisingDecoder",
      does: "MAE's encoder; noised patches that look at its blocks from the last down",
    },
  },
  published: {
    diffusionSteps: { value: 1000, source: "Ho et al. 2020, §4" },
    noise: { value: "β from 1e-4 to 0.02 in even steps", source: "Ho et al. 2020, §4" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/diffMae.test.ts" },
  toy: {
    ...mae.toy,
    steps: 600,
    config: {
      ...mae.toy.config,
      decoderDim: 48,
      decoderDepth: 2,
      selfAttention: true,
      diffusionSteps: 1000,
      noiseExponent: 1,
      range: RANGE,
    },
  },
  specs: (c) => {
    const { "norm.weight": _, "norm.bias": __, ...encoder } = encoderSpecs(c); // the decoder normalises what it looks at
    return { ...encoder, ...denoisingDecoderSpecs(c) };
  },
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const { mask } = randomMasking(draws, N, L, c.maskRatio); //                            2
    const { idsKeep, idsMasked } = visibleFirst(mask, N, L);
    const times = Int32Array.from({ length: N }, () => draws.integer(1, c.diffusionSteps + 1));
    const M = idsMasked.length / N;
    const F = c.patchSize ** 2 * c.channels;
    return {
      images: images!,
      mask: { shape: [N, L], data: mask },
      idsKeep: { shape: [N, L - M], data: idsKeep },
      idsMasked: { shape: [N, M], data: idsMasked },
      noise: { shape: [N, M, F], data: draws.normal(N * M * F) },
      ...noiseAt(diffusionOf(c), times),
    };
  },
  evaluate: (c, p, { images, idsKeep, idsMasked, times, signal, sigma, noise }) => {
    const [grey, contrast] = greyOf(c);
    const P = div(sub(patchify(images!, c.patchSize), grey), contrast); //                  1    [N, L, p²C]
    const { layers } = encodeLayers(c, p, images!, idsKeep); //                             3-5  [N, 1 + K, D] each
    const clean = gather(P, idsMasked!); //                                                      [N, M, p²C]
    const noised = add(mul(clean, column(signal!)), mul(noise!, column(sigma!))); //        6-7
    const pred = decodeNoised(c, p, { noised, ids: idsMasked!, times: times! }, layers); // 8
    const loss = mean(l2(pred, clean)); //                                                  9    []
    return { loss, outputs: { pred, noised, clean, layers } };
  },
  encode: (c, p, { images }) => pooled(c, encodeLayers(c, p, images!).layers.at(-1)!),
  pictures: (c, { images, mask, idsMasked }, { pred }) => {
    const [grey, contrast] = greyOf(c);
    const shown = add(mul(pred as Tensor, contrast), grey);
    return maskedPictures(c, images!, mask!, scatter(shown, idsMasked!, patchGrid(c).L));
  },
};

const diffusionOf = (c: DiffMaeConfig): Diffusion => linearDiffusion(c.diffusionSteps, { exponent: c.noiseExponent });

/** What -1 … 1 means in the pictures: the middle of their range, and half of its width. */
const greyOf = ({ range: [black, white] = [0, 1] }: DiffMaeConfig): [grey: number, contrast: number] => [
  (black + white) / 2,
  (white - black) / 2,
];

const column = (x: Tensor): Tensor => reshape(x, [-1, 1, 1]);

/** Each image's step t and how much of it and of the noise there is: √ᾱ_t and √(1 - ᾱ_t), [N] each. */
function noiseAt({ kept }: Diffusion, times: Int32Array): Record<"times" | "signal" | "sigma", HostTensor> {
  const shape = [times.length];
  const left = Float64Array.from(times, (t) => kept[t - 1]!);
  return {
    times: { shape, data: Float32Array.from(times) },
    signal: { shape, data: left.map(Math.sqrt) },
    sigma: { shape, data: left.map((x) => Math.sqrt(1 - x)) },
  };
}

/** Hidden patches drawn from noise given the visible ones (step 10), pixels from -1 to 1: [N, M, p²C]. */
export async function inpaint(
  c: DiffMaeConfig,
  p: Params,
  { images, idsKeep, idsMasked }: Inputs,
  draws: Draws,
): Promise<Float64Array> {
  const [N, M] = idsMasked!.shape as [number, number];
  const shape = [N, M, c.patchSize ** 2 * c.channels];
  const dtype = images!.dtype as DType;
  const size = shape.reduce((a, b) => a * b, 1);
  return denoise(draws, size, diffusionOf(c), async (noisy, t) => {
    const guess = scope(() => {
      const { layers } = encodeLayers(c, p, images!, idsKeep);
      const inputs = {
        noised: tensor(noisy, shape, dtype),
        ids: idsMasked!,
        times: tensor(new Float64Array(N).fill(t), [N], dtype),
      };
      return decodeNoised(c, p, inputs, layers);
    });
    const numbers = await read(guess);
    guess.dispose();
    return numbers;
  });
}
