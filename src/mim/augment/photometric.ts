import type { Draws } from "../draws.ts";
import type { HostTensor } from "../method.ts";
import { blur } from "./blur.ts";
import { type ColorChange, colorJitter } from "./colorJitter.ts";

export interface Photometric {
  /** How often colours change, and by how much at most: factors about 1, hue about 0. */
  readonly jitter: ColorChange & { readonly probability: number };
  /** How often a picture turns grey, is blurred, or has its bright half inverted. */
  readonly grey: number;
  readonly blur: number;
  readonly solarize: number;
}

const GREY: ColorChange = { brightness: 1, contrast: 1, saturation: 0, hue: 0 };

/**
 * Perturbs each picture of a batch [N, 3, H, W] without moving anything, so that patches keep their places: jitter of colours,
 * grey, blur, solarisation, each with its probability, as in TencentARC/ConMIM, datasets.py. Values lie between those of black
 * and white.
 */
export function photometric(
  draws: Draws,
  { shape, data }: HostTensor,
  by: Photometric,
  [black, white]: readonly [number, number] = [0, 1],
): HostTensor {
  const [N, ...picture] = shape as [number, ...number[]];
  const each = data.length / N;
  const out = Float32Array.from(data, (v) => (v - black) / (white - black));
  const happens = (probability: number) => draws.uniform(1)[0]! < probability;
  const about = (middle: number, spread: number) => draws.uniform(1, middle - spread, middle + spread)[0]!;
  for (let n = 0; n < N; n++) {
    const own = out.subarray(n * each, (n + 1) * each);
    const image = { data: own, shape: picture };
    if (happens(by.jitter.probability)) {
      colorJitter(image, {
        brightness: about(1, by.jitter.brightness),
        contrast: about(1, by.jitter.contrast),
        saturation: about(1, by.jitter.saturation),
        hue: about(0, by.jitter.hue),
      });
    }
    if (happens(by.grey)) colorJitter(image, GREY);
    if (happens(by.blur)) own.set(blur(image).data);
    if (happens(by.solarize)) for (let i = 0; i < each; i++) if (own[i]! >= 0.5) own[i] = 1 - own[i]!;
  }
  return { shape, data: out.map((v) => black + v * (white - black)) };
}
