import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Hides a share of what a first mask [N, L] left visible: the patches that stay in clear. UM-MAE, Li et al. 2022,
 * "secondary masking"; models_mae_pvt.py; the patches that only the second mask hides stay in the sequence, as a learnt token. All samples
 * keep equally many patches visible.
 */
export function secondaryMasking(
  draws: Draws,
  mask: ArrayLike<number>,
  [N, L]: readonly [number, number],
  maskRatio: number,
): KeepMask {
  let visible = 0;
  for (let i = 0; i < L; i++) if (mask[i] === 0) visible++;
  const noise = draws.uniform(N * L).map((draw, i) => draw + mask[i]!); // hidden ones sort last
  return keepSmallest(noise, N, L, Math.floor(visible * (1 - maskRatio)));
}
