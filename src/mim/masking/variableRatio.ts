import type { Draws } from "../draws.ts";

export interface VariableRatioOptions {
  readonly mean: number;
  readonly deviation: number;
  /** Smallest share of masked tokens, which is also the share that the encoder never sees; the largest is 1. */
  readonly least: number;
}

/** A batch's masks at one drawn ratio. */
export interface VariableRatioMask {
  /** [N, L], 1 masked: the encoder sees a mask token or nothing. */
  readonly mask: Float32Array;
  /** [N, L], 1 dropped before the encoder, always the same number; a part of the masked ones. */
  readonly dropped: Float32Array;
}

/**
 * Masks a share of the tokens that is drawn for each batch from a truncated normal distribution, and drops the least share
 * of them. MAGE, Li et al. 2023 (models_mage.py; mean 0.55, deviation 0.25, from 0.5 to 1). Tokens of least noise go
 * first; both numbers are rounded up.
 */
export function variableRatioMasking(
  draws: Draws,
  N: number,
  L: number,
  { mean, deviation, least }: VariableRatioOptions,
): VariableRatioMask {
  const ratio = draws.truncatedNormal(mean, deviation, least, 1);
  const noise = draws.uniform(N * L);
  const first = (count: number): Float32Array => {
    const chosen = new Float32Array(N * L);
    for (let n = 0; n < N; n++) {
      const order = Array.from({ length: L }, (_, i) => n * L + i).sort((a, b) => noise[a]! - noise[b]! || a - b);
      for (const i of order.slice(0, count)) chosen[i] = 1;
    }
    return chosen;
  };
  return { mask: first(Math.ceil(L * ratio)), dropped: first(Math.ceil(L * least)) };
}
