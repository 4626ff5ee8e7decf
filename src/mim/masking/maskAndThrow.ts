import type { Draws } from "../draws.ts";

export interface MaskAndThrowOptions {
  /** Share that is predicted, and share that neither the encoder nor the loss sees; the rest stays visible. */
  readonly masked: number;
  readonly thrown: number;
}

/** Patches of each kind, in the order in which they were drawn. */
export interface MaskAndThrow {
  /** [N, L · masked] */
  readonly idsMasked: Int32Array;
  /** [N, L · thrown] */
  readonly idsThrown: Int32Array;
  /** [N, the rest] */
  readonly idsKeep: Int32Array;
}

/**
 * Orders patches by attention-weighted draws: the first are masked, the next thrown away, the last kept. AMT, Liu et al.
 * 2023: the survey says that the least important are thrown, the released code throws the middle of the order, as here.
 * weights [N, L] are positive.
 */
export function maskAndThrow(
  draws: Draws,
  weights: ArrayLike<number>,
  [N, L]: readonly [number, number],
  { masked, thrown }: MaskAndThrowOptions,
): MaskAndThrow {
  const order = draws.multinomial(weights, N, L);
  const [first, second] = [Math.floor(L * masked), Math.floor(L * (masked + thrown))];
  const between = (from: number, to: number) => order.filter((_, i) => i % L >= from && i % L < to);
  return { idsMasked: between(0, first), idsThrown: between(first, second), idsKeep: between(second, L) };
}
