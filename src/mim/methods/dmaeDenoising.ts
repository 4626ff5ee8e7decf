/**
 * DMAE (denoising). Wu et al. 2023, Denoising Masked AutoEncoders Help Robust Classification (quanlin-wu/dmae).
 *
 *   1  x̃ = x + σ ε, ε normal, for every pixel                           [N, C, H, W]
 *   2  Z = E_θ(visible patches of x̃), 75 % hidden at random              [N, 1 + K, D]
 *   3  P̂ = D_ϕ(Z, mask tokens)                                           [N, L, p²C]
 *   4  loss = mean square of P̂ - P over all patches, P those of x        []
 *
 * Survey §2.1, Algorithm 1 on the noisy images, MAE's parts but for target and distance.
 * Visible patches are cleaned, hidden ones restored. The noise is of the scale of pixels in [0, 1]; normalisation by mean and
 * deviation comes after it. The authors enlarge small pictures after adding noise; here sizes stay.
 */
import { reconstruct } from "../algorithm1.ts";
import { encode, pooled } from "../architecture/asymmetricViT.ts";
import type { HostTensor, Method } from "../method.ts";
import { l2 } from "../objective/l2.ts";
import { add, type DType, div, mean, mul, sub, type Tensor, tensor } from "../ops.ts";
import { maskedPictures } from "../train/pictures.ts";
import { type MaeConfig, mae, maeLetters } from "./mae.ts";

export interface DmaeDenoisingConfig extends MaeConfig {
  /** Standard deviation of the noise. */
  readonly sigma: number;
  /** Mean and deviation of each channel, taken out after the noise came in. */
  readonly channelMean: readonly number[];
  readonly channelDeviation: readonly number[];
}

export const dmaeDenoising: Method<DmaeDenoisingConfig> = {
  ...mae,
  id: "dmae_denoising",
  title: "DMAE (denoising)",
  paper: "wu2023dmae",
  source: "Wu et al. 2023; quanlin-wu/dmae, models_dmae.py",
  recipe: {
    ...mae.recipe,
    masking: { file: "masking/random", does: "noise on every pixel, then 75 % of the patches at random" },
    target: { file: "nn/patchify", does: "the clean pixels of every patch" },
    objective: { file: "objective/l2", does: "mean square over all patches" },
  },
  published: {
    sigma: { value: 0.5, source: "quanlin-wu/dmae, models_dmae.py" },
    maskRatio: { value: 0.75, source: "quanlin-wu/dmae, models_dmae.py" },
    decoder: { value: "8 blocks, 512 wide", source: "quanlin-wu/dmae, models_dmae.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/dmaeDenoising.test.ts" },
  toy: {
    ...mae.toy,
    batch: 48,
    steps: 300,
    config: {
      ...mae.toy.config,
      normalizedTarget: false,
      sigma: 1,
      channelMean: [0, 0, 0],
      channelDeviation: [1, 1, 1],
    },
  },
  prepare: (c, batch, draws, progress) => {
    const { shape, data } = batch.images!;
    const noise = draws.normal(data.length);
    const noisy = { shape, data: Float64Array.from(data, (v, i) => v + c.sigma * noise[i]!) }; //   1
    return {
      ...mae.prepare(c, batch, draws, progress),
      images: standardized(c, batch.images!),
      noisy: standardized(c, noisy),
    };
  },
  evaluate: (c, p, { images, noisy, ...chosen }) => {
    const letters = maeLetters(c, p, chosen);
    const { encoded, decoded, target, loss } = reconstruct(
      {
        ...letters, //                                                    2-3
        target: () => letters.target!(letters.split(images!)), //               [N, L, p²C], of the clean images
        d: (pred, clean) => mean(l2(pred, clean)), //                     4     []
      },
      noisy!,
    );
    return { loss, outputs: { pred: decoded.pred, latent: encoded.latent!, target } };
  },
  encode: (c, p, { images }) => {
    const [average, deviation] = [perChannel(c.channelMean, images!), perChannel(c.channelDeviation, images!)];
    return pooled(c, encode(c, p, div(sub(images!, average), deviation)).latent);
  },
  pictures: (c, { images, mask }, { pred }) => {
    const coloured = (x: Tensor) => add(mul(x, perChannel(c.channelDeviation, x)), perChannel(c.channelMean, x));
    const { masked, reconstruction } = maskedPictures(c, images!, mask!, pred as Tensor);
    return { masked: coloured(masked), reconstruction: coloured(reconstruction) };
  },
};

const perChannel = (values: readonly number[], like: Tensor): Tensor =>
  tensor(values, [1, values.length, 1, 1], like.dtype as DType);

function standardized(c: DmaeDenoisingConfig, { shape, data }: HostTensor): HostTensor {
  const [, C, H, W] = shape as [number, number, number, number];
  return {
    shape,
    data: Float64Array.from(data, (v, i) => {
      const channel = Math.floor(i / (H * W)) % C;
      return (v - c.channelMean[channel]!) / c.channelDeviation[channel]!;
    }),
  };
}
