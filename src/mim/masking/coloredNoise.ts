import type { Draws } from "../draws.ts";
import type { NoisePattern } from "./noisePattern.ts";
import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Keeps the patches where a window of a noise pattern is strongest. ColorMAE, Hinojosa et al. 2024, models/utils/masking_generator.py: each group of
 * `slices` samples takes the same crop and the same flips of all slices. The image is never looked at.
 */
export function coloredNoiseMasking(
  draws: Draws,
  N: number,
  pattern: NoisePattern,
  side: number,
  maskRatio: number,
): KeepMask {
  const { data, slices } = pattern;
  if (side > pattern.side) {
    throw new RangeError(`coloredNoiseMasking: expected a pattern of at least ${side} tokens, found ${pattern.side}`);
  }
  const L = side * side;
  const windows = new Float64Array(N * L);
  for (let first = 0; first < N; first += slices) {
    const top = draws.integer(0, pattern.side - side + 1);
    const left = draws.integer(0, pattern.side - side + 1);
    const [mirrored, inverted] = Array.from(draws.uniform(2), (draw) => draw < 0.5);
    for (let n = first; n < Math.min(N, first + slices); n++) {
      for (let i = 0; i < L; i++) {
        const [y, x] = [Math.floor(i / side), i % side];
        const row = top + (inverted ? side - 1 - y : y);
        const column = left + (mirrored ? side - 1 - x : x);
        windows[n * L + i] = data[((n - first) * pattern.side + row) * pattern.side + column]!;
      }
    }
  }
  return keepStrongest(bySliceMaximum(windows, N), N, L, maskRatio);
}

/** Keeps ⌊L (1 - maskRatio)⌋ places of the largest values of each window [N, L]. */
export const keepStrongest = (windows: Float64Array, N: number, L: number, maskRatio: number): KeepMask =>
  keepSmallest(
    windows.map((x) => -x),
    N,
    L,
    Math.floor(L * (1 - maskRatio)),
  );

/** Each of N windows over its largest value. */
export function bySliceMaximum(windows: Float64Array, N: number): Float64Array {
  const L = windows.length / N;
  const largest = Array.from({ length: N }, (_, n) =>
    windows.subarray(n * L, (n + 1) * L).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  );
  return windows.map((x, i) => x / largest[Math.floor(i / L)]!);
}
