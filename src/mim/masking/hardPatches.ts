import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Hides the patches that are hardest by a score, and random others up to the wanted number. Of the hidden patches the share
 * `hardShare` is chosen by score, highest first. HPM, generate_mask of models_mae_learn_loss.py.
 */
export function hardPatches(
  draws: Draws,
  scores: ArrayLike<number>,
  [N, L]: readonly [number, number],
  { maskRatio, hardShare }: { maskRatio: number; hardShare: number },
): KeepMask {
  const K = Math.floor(L * (1 - maskRatio));
  const hard = Math.floor((L - K) * hardShare);
  if (hard <= 0) return keepSmallest(draws.normal(N * L), N, L, K);
  const places = new Float64Array(N * L);
  for (let n = 0; n < N; n++) {
    const ascending = Array.from({ length: L }, (_, i) => i).sort(
      (a, b) => scores[n * L + a]! - scores[n * L + b]! || a - b,
    );
    const hardest = ascending.slice(L - hard);
    const rest = ascending.slice(0, L - hard).sort((a, b) => a - b);
    const shuffled = Array.from(draws.permutation(rest.length), (i) => rest[i]!);
    [...shuffled, ...hardest].forEach((patch, place) => {
      places[n * L + patch] = place;
    });
  }
  return keepSmallest(places, N, L, K);
}

/** Share of the hidden patches that HPM chooses by score: from 0 to `last` as training goes on, step counted from 0. */
export const easyToHard = (step: number, steps: number, last = 0.5): number => ((step + 1) / steps) * last;
