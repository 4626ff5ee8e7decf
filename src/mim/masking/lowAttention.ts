import type { Draws } from "../draws.ts";

export interface LowAttentionOptions {
  /** Share of the patches, those of least attention, that may be hidden at all; rounded down. */
  readonly candidates: number;
  /** How often a candidate is hidden. */
  readonly probability: number;
}

/**
 * Hides patches that a teacher attends to least, each by a coin: mask [N, L], 0 kept, 1 masked. `attention` [N, L] is the
 * class token's row; only its order counts. MST, Li et al. 2021, §3.2: what makes up the object stays visible.
 */
export function lowAttentionMasking(
  draws: Draws,
  attention: ArrayLike<number>,
  [N, L]: readonly [number, number],
  { candidates, probability }: LowAttentionOptions,
): Float32Array {
  const coins = draws.uniform(N * L);
  const mask = new Float32Array(N * L);
  for (let n = 0; n < N; n++) {
    const order = Array.from({ length: L }, (_, i) => i).sort(
      (a, b) => attention[n * L + a]! - attention[n * L + b]! || a - b,
    );
    for (const patch of order.slice(0, Math.floor(candidates * L))) {
      if (coins[n * L + patch]! < probability) mask[n * L + patch] = 1;
    }
  }
  return mask;
}
