import type { Draws } from "../draws.ts";

/** A split of each sample's L patches into kept and masked ones. */
export interface KeepMask {
  /** [N, K], the kept patches in the order in which the encoder sees them. */
  readonly idsKeep: Int32Array;
  /** [N, L], place of each patch in the shuffled order; the first K places are the kept ones. */
  readonly idsRestore: Int32Array;
  /** [N, L], 0 kept, 1 masked. */
  readonly mask: Float32Array;
}

/**
 * Hides a share of each sample's patches, drawn by sorting noise: the smallest stay. MAE §3 "Masking"; the number kept is
 * ⌊L (1 - maskRatio)⌋, floating point included, as the authors compute it.
 */
export function randomMasking(draws: Draws, N: number, L: number, maskRatio: number): KeepMask {
  return keepSmallest(draws.uniform(N * L), N, L, Math.floor(L * (1 - maskRatio)));
}

/** Keeps the K patches of smallest noise [N, L]; ties go to the lower index. */
export function keepSmallest(noise: ArrayLike<number>, N: number, L: number, K: number): KeepMask {
  const idsKeep = new Int32Array(N * K);
  const idsRestore = new Int32Array(N * L);
  const mask = new Float32Array(N * L).fill(1);
  for (let n = 0; n < N; n++) {
    const order = Array.from({ length: L }, (_, i) => i).sort((a, b) => noise[n * L + a]! - noise[n * L + b]! || a - b);
    order.forEach((patch, place) => {
      idsRestore[n * L + patch] = place;
      if (place >= K) return;
      idsKeep[n * K + place] = patch;
      mask[n * L + patch] = 0;
    });
  }
  return { idsKeep, idsRestore, mask };
}
