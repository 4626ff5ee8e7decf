import type { Draws } from "../draws.ts";

/** Noise by the part of the spectrum that it keeps: low, high, middle, all but the middle, everything. */
export type NoiseColor = "red" | "blue" | "green" | "purple" | "white";

export interface NoisePattern {
  /** [slices, side, side], rows first. */
  readonly data: Float64Array;
  readonly slices: number;
  readonly side: number;
}

export interface NoiseOptions {
  /** Standard deviations, in tokens, of the narrower and the wider Gaussian; red and blue use the narrower. */
  readonly sigmas?: readonly [number, number];
}

/**
 * Coloured noise, made once before training. ColorMAE, Hinojosa et al. 2024: white noise W, and with Gaussian blurs
 * G1 (narrower) and G2 (wider) red G1 ∗ W, blue W - G1 ∗ W, green G1 ∗ W - G2 ∗ W, purple W minus green. The blurs wrap around, so
 * a pattern has no seams. The released code only downloads patterns: the widths here are ours.
 */
export function noisePattern(
  draws: Draws,
  color: NoiseColor,
  { slices, side }: { readonly slices: number; readonly side: number },
  { sigmas = [1, 2] }: NoiseOptions = {},
): NoisePattern {
  const white = draws.uniform(slices * side * side);
  if (color === "white") return { data: white, slices, side };
  const narrow = blur(white, side, sigmas[0]);
  if (color === "red") return { data: narrow, slices, side };
  if (color === "blue") return { data: white.map((w, i) => w - narrow[i]!), slices, side };
  const wide = blur(white, side, sigmas[1]);
  const middle = narrow.map((x, i) => x - wide[i]!);
  return { data: color === "green" ? middle : white.map((w, i) => w - middle[i]!), slices, side };
}

/** Each slice [side, side] blurred along both axes by a Gaussian of four deviations' reach, wrapping around. */
function blur(noise: Float64Array, side: number, sigma: number): Float64Array {
  const reach = Math.ceil(4 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * sigma * sigma)));
  const total = kernel.reduce((a, b) => a + b, 0);
  const along = (from: Float64Array, stride: number) => {
    const out = new Float64Array(from.length);
    for (let i = 0; i < out.length; i++) {
      const place = Math.floor(i / stride) % side;
      for (let k = -reach; k <= reach; k++) {
        const other = (((place + k) % side) + side) % side;
        out[i]! += (kernel[k + reach]! / total) * from[i + (other - place) * stride]!;
      }
    }
    return out;
  };
  return along(along(noise, 1), side);
}
