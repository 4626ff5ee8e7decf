import type { Draws } from "../draws.ts";

/**
 * Masks of one sample that share no hidden token, cut from one permutation: [masks][N, L], 0 kept, 1 masked, each hiding
 * ⌊L · maskRatio⌋. Two of them are the cross masks of Masked Scene Contrast (Wu et al. 2023), so that every token is visible in one
 * view at least; kept and hidden swapped they are ExtreMA's (Wu et al. 2023) disjoint visible sets.
 */
export function disjointMasks(draws: Draws, N: number, L: number, masks: number, maskRatio: number): Float32Array[] {
  const hidden = Math.floor(L * maskRatio);
  if (masks * hidden > L) {
    throw new RangeError(`disjointMasks: expected ${masks} ratios of at most 1 / ${masks}, found ${maskRatio}`);
  }
  const out = Array.from({ length: masks }, () => new Float32Array(N * L));
  for (let n = 0; n < N; n++) {
    draws.permutation(L).forEach((token, place) => {
      const mask = out[Math.floor(place / hidden)];
      if (mask) mask[n * L + token] = 1;
    });
  }
  return out;
}
