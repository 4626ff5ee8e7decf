import type { Draws } from "../draws.ts";
import type { KeepMask } from "./random.ts";

export interface JointUnitsOptions {
  readonly maskRatio: number;
  /** Side of a unit in patches; 1 draws patches one by one. */
  readonly unit: number;
}

/**
 * Keeps or hides square units of patches together, so that small patches can be masked as large ones are. Hu et al. 2022,
 * Exploring Long-Sequence Masked Autoencoders, "joint masking"; util/long_seq_patch_loader.py. Units are drawn by
 * permutation, and their patches follow one another column by column; the first ⌊L (1 - maskRatio)⌋ patches stay. Units that
 * reach over the edge of the grid of `side` x `side` are cut.
 */
export function jointUnits(draws: Draws, N: number, side: number, { maskRatio, unit }: JointUnitsOptions): KeepMask {
  const L = side ** 2;
  const across = Math.ceil(side / unit);
  const K = Math.floor(L * (1 - maskRatio));
  const idsKeep = new Int32Array(N * K);
  const idsRestore = new Int32Array(N * L);
  const mask = new Float32Array(N * L).fill(1);
  for (let n = 0; n < N; n++) {
    let place = 0;
    for (const drawn of draws.permutation(across ** 2)) {
      const [top, left] = [Math.floor(drawn / across) * unit, (drawn % across) * unit];
      for (let at = 0; at < unit ** 2; at++) {
        const [row, column] = [top + (at % unit), left + Math.floor(at / unit)];
        if (row >= side || column >= side) continue;
        const patch = row * side + column;
        idsRestore[n * L + patch] = place;
        if (place < K) {
          idsKeep[n * K + place] = patch;
          mask[n * L + patch] = 0;
        }
        place++;
      }
    }
  }
  return { idsKeep, idsRestore, mask };
}
