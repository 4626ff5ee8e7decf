import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Keeps patches drawn without replacement in proportion to their weight [N, L], the first ⌊L (1 - maskRatio)⌋ of a whole
 * order; the kept ones stay in the order in which they were drawn. MILAN, Hou et al. 2022, "semantic aware sampling", with
 * the teacher's class attention as weights; AdaMAE draws from its sampling network in the same way.
 */
export function importanceSampling(
  draws: Draws,
  weights: ArrayLike<number>,
  [N, L]: readonly [number, number],
  maskRatio: number,
): KeepMask {
  const places = new Float64Array(N * L);
  draws.multinomial(weights, N, L).forEach((patch, i) => {
    places[Math.floor(i / L) * L + patch] = i % L;
  });
  return keepSmallest(places, N, L, Math.floor(L * (1 - maskRatio)));
}
