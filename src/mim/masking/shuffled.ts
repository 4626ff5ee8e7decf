import type { Draws } from "../draws.ts";

/**
 * Hides ⌊L · maskRatio⌋ of L tokens by shuffling a row of zeros and ones, sample by sample: mask [N, L], 0 kept, 1 masked.
 * Over all tokens of a clip this is the space-time random masking of ST-MAE §3 and VideoMAE §3.3; over the groups of a
 * point cloud it is Point-MAE §3.1.
 */
export function shuffledMasking(draws: Draws, N: number, L: number, maskRatio: number): Float32Array {
  const kept = L - Math.floor(L * maskRatio);
  const mask = new Float32Array(N * L);
  for (let n = 0; n < N; n++) {
    mask.set(
      draws.permutation(L).map((place) => (place >= kept ? 1 : 0)),
      n * L,
    );
  }
  return mask;
}
