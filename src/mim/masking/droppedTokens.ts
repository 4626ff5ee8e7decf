import type { Draws } from "../draws.ts";

/** A normal law cut to an interval, from which one mask ratio a step is drawn. */
export interface RatioLaw {
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
}

/** Which tokens are hidden, and which of those the encoder does not even see as hidden. */
export interface DroppedTokens {
  /** [N, L], 1 masked. */
  readonly mask: Float32Array;
  /** [N, L], 1 dropped; dropped tokens are masked too. */
  readonly dropped: Float32Array;
}

/**
 * Draws one mask ratio r for the batch and hides ⌈r L⌉ tokens of each sample; of these ⌈low · L⌉ are dropped from the
 * encoder's input, so that its length is always the same. MAGE (Li et al. 2023), forward_encoder of models_mage.py.
 */
export function droppedTokens(draws: Draws, N: number, L: number, law: RatioLaw): DroppedTokens {
  const ratio = draws.truncatedNormal(law.mean, law.deviation, law.low, law.high);
  const [drop, hide] = [Math.ceil(L * law.low), Math.ceil(L * ratio)];
  const noise = draws.uniform(N * L);
  const mask = new Float32Array(N * L);
  const dropped = new Float32Array(N * L);
  for (let n = 0; n < N; n++) {
    const order = Array.from({ length: L }, (_, i) => i).sort((a, b) => noise[n * L + a]! - noise[n * L + b]! || a - b);
    order.slice(0, hide).forEach((i, place) => {
      mask[n * L + i] = 1;
      if (place < drop) dropped[n * L + i] = 1;
    });
  }
  return { mask, dropped };
}
