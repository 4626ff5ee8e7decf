/**
 * ColorMAE. Hinojosa et al. 2024, ColorMAE: Exploring Data-Independent Masking Strategies in Masked AutoEncoders.
 * MAE (methods/mae.ts) with other masks; encoder, decoder and loss are untouched:
 *
 *   1  W = white noise; a coloured pattern from it by Gaussian blurs (masking/noisePattern.ts)
 *   2  each sample takes a window of the pattern, one value a patch; the strongest 1 - α of them stay
 *
 * Nothing of it depends on the image or on the network. The released code downloads its patterns; here each batch makes a
 * small one, twice as wide as the grid.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { coloredNoiseMasking } from "../masking/coloredNoise.ts";
import { type NoiseColor, noisePattern } from "../masking/noisePattern.ts";
import type { Method } from "../method.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface ColorMaeConfig extends MaeConfig {
  readonly color: NoiseColor;
  /** Deviations of the two Gaussians in tokens. */
  readonly sigmas: readonly [number, number];
}

export const colorMae: Method<ColorMaeConfig> = {
  ...mae,
  id: "color_mae",
  title: "ColorMAE",
  paper: "hinojosa2024colormae",
  source: "Hinojosa et al. 2024; survey §2.1, Algorithm 1",
  recipe: {
    ...mae.recipe,
    masking: { file: "masking/coloredNoise", does: "75 % of the patches, where filtered noise is weakest" },
  },
  published: {
    maskRatio: { value: 0.75, source: "carlosh93/ColorMAE, models/utils/masking_generator.py" },
    filters: { value: "4", source: "abstract" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/colorMae.test.ts" },
  toy: { ...mae.toy, config: { ...mae.toy.config, color: "green", sigmas: [1, 2] } },
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { h, w, L } = patchGrid(c);
    if (h !== w) throw new RangeError(`color_mae: expected a square grid of patches, found ${h} x ${w}`);
    const pattern = noisePattern(draws, c.color, { slices: N, side: 2 * h }, { sigmas: c.sigmas }); //   1
    const { idsKeep, idsRestore, mask } = coloredNoiseMasking(draws, N, pattern, h, c.maskRatio); //     2
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
};
