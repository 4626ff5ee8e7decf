import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Hides patches drawn without replacement in proportion to a weight [N, L], by adding Gumbel noise to its logarithm and
 * keeping the smallest. MAMP, Mao et al. 2023, motion-aware masking, with the motion of each token as weight (Vieira 2014,
 * Gumbel-max trick and weighted reservoir sampling).
 */
export function gumbelTopKMasking(
  draws: Draws,
  weights: ArrayLike<number>,
  [N, L]: readonly [number, number],
  maskRatio: number,
): KeepMask {
  const noise = draws.gumbel(N * L).map((g, i) => Math.log(weights[i]!) + g);
  return keepSmallest(noise, N, L, Math.floor(L * (1 - maskRatio)));
}
