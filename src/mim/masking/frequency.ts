import type { Draws } from "../draws.ts";
import { dft2 } from "../frequency/dft2.ts";

/** Which frequencies are kept: those near the centre of the shifted spectrum, or the others. */
export type Pass = "low" | "high";

export interface Radii {
  /** Frequencies nearer to the centre are low ones. */
  readonly radius: number;
  /** Frequencies farther out than this count as low ones again; none unless given. */
  readonly outerRadius?: number;
}

/**
 * Frequencies that are kept, [H, W] with the zero frequency at (⌊H/2⌋, ⌊W/2⌋): 1 kept, 0 deleted. MFM, Xie et al. 2023;
 * FreqMaskGenerator of data/data_mfm.py.
 */
export function frequencyFilter(
  [H, W]: readonly [number, number],
  pass: Pass,
  { radius, outerRadius = Number.POSITIVE_INFINITY }: Radii,
): Float32Array {
  return Float32Array.from({ length: H * W }, (_, i) => {
    const squared = (Math.floor(i / W) - Math.floor(H / 2)) ** 2 + ((i % W) - Math.floor(W / 2)) ** 2;
    const low = squared < radius ** 2 || squared >= outerRadius ** 2;
    return low === (pass === "low") ? 1 : 0;
  });
}

/** A pass for each of N samples, low with the given probability. */
export const drawPasses = (draws: Draws, N: number, lowProbability: number): Pass[] =>
  Array.from(draws.uniform(N), (draw) => (draw < lowProbability ? "low" : "high"));

/** Planes [N, H, W] with the frequencies of a filter [H, W] alone: the real part of the inverse transform. */
export function filterPlanes(
  planes: ArrayLike<number>,
  [H, W]: readonly [number, number],
  filter: ArrayLike<number>,
): Float64Array {
  const re = Float64Array.from(planes);
  const spectrum = dft2({ re, im: new Float64Array(re.length) }, [H, W]);
  const kept = (i: number) => {
    const y = (Math.floor((i % (H * W)) / W) + Math.floor(H / 2)) % H; // the filter is shifted, the spectrum is not
    return filter[y * W + (((i % W) + Math.floor(W / 2)) % W)]!;
  };
  const filtered = { re: spectrum.re.map((x, i) => x * kept(i)), im: spectrum.im.map((x, i) => x * kept(i)) };
  return dft2(filtered, [H, W], { inverse: true }).re;
}
