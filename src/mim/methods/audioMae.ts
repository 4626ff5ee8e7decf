/**
 * AudioMAE. Huang et al. 2022, Masked Autoencoders that Listen (facebookresearch/AudioMAE).
 *
 *   1  P = patches of a log-mel spectrogram, time down and frequency across     [N, L, p²]
 *   2  hide 80 % of them at random, or whole time steps and frequency bands     [N, K], [N, L - K]
 *   3  Z = E_θ(visible patches)                                                 [N, 1 + K, D]
 *   4  P̂ = D_ϕ(Z, mask tokens)                                                  [N, L, p²]
 *   5  loss = mean square over the hidden patches                               []
 *
 * Here the decoder is MAE's, one of the released choices (decoder_mode 0); the paper's best has attention in shifted windows.
 * The released position tables are made for the grid turned over (frequency, time) and read row by row all the same: a
 * place in the table is not the patch's own. The tables here are those.
 */
import { type AsymmetricViT, encode, patchGrid, pooled } from "../architecture/asymmetricViT.ts";
import { randomMasking } from "../masking/random.ts";
import { timeFrequencyMasking } from "../masking/timeFrequency.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { Method } from "../method.ts";
import type { ParamSpec } from "../nn/params.ts";
import { concat, type Tensor } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { maskedPictures } from "../train/pictures.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface AudioMaeConfig extends MaeConfig {
  /** Shares of the time steps and of the frequency bands to hide; patches at random by `maskRatio` when absent. */
  readonly bands?: { readonly timeRatio: number; readonly frequencyRatio: number };
}

export const audioMae: Method<AudioMaeConfig> = {
  ...mae,
  id: "audiomae",
  title: "AudioMAE",
  paper: null,
  source: "Huang et al. 2022; facebookresearch/AudioMAE, models_mae.py",
  recipe: {
    ...mae.recipe,
    masking: { file: "masking/timeFrequency", does: "80 % of the patches at random, or whole time steps and bands" },
  },
  published: {
    maskRatio: { value: 0.8, source: "facebookresearch/AudioMAE, README" },
    bands: { value: "time 0.6, frequency 0.5", source: "facebookresearch/AudioMAE, models_mae.py" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/audiomae.json.gz" },
  toy: {
    ...mae.toy,
    modality: "audio",
    config: { ...mae.toy.config, imageSize: [32, 32], channels: 1, maskRatio: 0.8 },
  },
  specs: (c) => ({
    ...mae.specs(c),
    pos_embed: positions(c, c.dim),
    decoder_pos_embed: positions(c, c.decoderDim),
  }),
  prepare: (c, { spectrograms }, draws) => {
    const N = spectrograms!.shape[0]!;
    const { h, w, L } = patchGrid(c);
    const split = c.bands && timeFrequencyMasking(draws, N, { grid: [h, w], ...c.bands });
    const { idsKeep, idsRestore, mask } = split
      ? { ...visibleFirst(split, N, L), mask: split }
      : randomMasking(draws, N, L, c.maskRatio); //                                       2
    return {
      spectrograms: spectrograms!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
  evaluate: (c, p, { spectrograms, ...chosen }, state) =>
    mae.evaluate(c, p, { images: spectrograms!, ...chosen }, state), //                 1, 3-5
  encode: (c, p, { spectrograms }) => pooled(c, encode(c, p, spectrograms!).latent),
  pictures: (c, { spectrograms, mask }, { pred }) => {
    const grey = maskedPictures(c, spectrograms!, mask!, pred as Tensor); // one channel shown as three
    const coloured = (x: Tensor) => concat([x, x, x], 1);
    return {
      whole: coloured(grey.whole),
      masked: coloured(grey.masked),
      reconstruction: coloured(grey.reconstruction),
    };
  },
};

function positions(c: AsymmetricViT, D: number): ParamSpec {
  const { h, w, L } = patchGrid(c);
  return { shape: [1, L + 1, D], init: { values: sinCos2d(D, w, h, { cls: true }) }, trainable: false };
}
