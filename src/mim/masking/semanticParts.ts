import { introsortOrder } from "../architecture/introsortOrder.ts";
import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";
import { roundHalfEven } from "./roundHalfEven.ts";

export interface SemanticPartsOptions {
  readonly maskRatio: number;
  /** Number of parts. */
  readonly parts: number;
  /** 1 hides the same share of every part, 0 hides whole parts; falls from 1 to 0 in training. */
  readonly evenness: number;
}

/**
 * Hides patches part by part, from even shares to whole parts. SemMAE, Li et al. 2022, "semantic-guided masking";
 * random_masking_setting3 of models_mae_setting3.py. partOf [N, L] is each patch's part, 0 … parts - 1. Exactly
 * ⌊L (1 - maskRatio)⌋ patches stay: where the parts' numbers add up to more or fewer, the order of the sort decides.
 */
export function semanticPartsMasking(
  draws: Draws,
  partOf: ArrayLike<number>,
  [N, L]: readonly [number, number],
  { maskRatio, parts, evenness }: SemanticPartsOptions,
): KeepMask {
  const order = introsortRows(draws.uniform(N * L), L);
  const partOrder = introsortRows(draws.uniform(N * parts), parts);
  const places = new Float64Array(N * L);
  for (let n = 0; n < N; n++) {
    const sizes = new Array<number>(parts).fill(0);
    for (let i = 0; i < L; i++) sizes[partOf[n * L + i]!]! += 1;
    const whole = new Array<number>(parts).fill(0);
    let before = 0;
    for (const part of partOrder.subarray(n * parts, (n + 1) * parts)) {
      whole[part] = Math.min(sizes[part]!, Math.max(0, Math.trunc(L * maskRatio - before)));
      before += sizes[part]!;
    }
    const quota = sizes.map((size, part) =>
      roundHalfEven(evenness * roundHalfEven(size * maskRatio) + (1 - evenness) * whole[part]!),
    );
    const met = new Array<number>(parts).fill(0);
    const shuffled = order.subarray(n * L, (n + 1) * L);
    const hidden = Array.from(shuffled, (patch) => {
      const part = partOf[n * L + patch]!;
      met[part]! += 1;
      return met[part]! <= quota[part]! ? 1 : 0;
    });
    introsortOrder(hidden).forEach((i, place) => {
      places[n * L + shuffled[i]!] = place;
    });
  }
  return keepSmallest(places, N, L, Math.floor(L * (1 - maskRatio)));
}

/** Order of each row's numbers, [rows, width]. */
function introsortRows(numbers: Float64Array, width: number): Int32Array {
  const order = new Int32Array(numbers.length);
  for (let at = 0; at < numbers.length; at += width) order.set(introsortOrder(numbers.subarray(at, at + width)), at);
  return order;
}
