import type { Draws } from "../draws.ts";
import { type TokenSchedule, tokenSchedule } from "./tokenSchedule.ts";

/**
 * Hides tokens of each sample at a rate of its own: a uniform draw put through a schedule, so that every rate occurs. Mask
 * [N, L], 0 kept, 1 masked; ⌈rate · L⌉ are hidden, at least one. MaskGIT, Chang et al. 2022, §3.1.
 */
export function scheduledTokens(draws: Draws, N: number, L: number, schedule: TokenSchedule): Float32Array {
  const mask = new Float32Array(N * L);
  draws.uniform(N).forEach((way, n) => {
    const hidden = Math.max(1, Math.ceil(L * tokenSchedule(schedule, way, L)));
    for (const place of draws.permutation(L).subarray(0, hidden)) mask[n * L + place] = 1;
  });
  return mask;
}
