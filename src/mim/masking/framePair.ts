import type { Draws } from "../draws.ts";

/** For each of N clips of T frames an earlier and a later frame, `gap` apart: from `low` to `high` frames, drawn evenly. */
export interface FramePairs {
  /** [N] each */
  readonly earlier: Int32Array;
  readonly later: Int32Array;
}

/**
 * Pairs of frames for an asymmetric mask: the earlier one stays whole, of the later one most is hidden, so that it can be told only by
 * what moved. SiamMAE, Gupta et al. 2023, §3.
 */
export function framePairs(draws: Draws, N: number, T: number, [low, high]: readonly [number, number]): FramePairs {
  if (!(low >= 1 && low <= high && high < T)) {
    throw new RangeError(`framePairs: expected gaps from 1 to ${T - 1}, found ${low} to ${high}`);
  }
  const [earlier, later] = [new Int32Array(N), new Int32Array(N)];
  for (let n = 0; n < N; n++) {
    const gap = draws.integer(low, high + 1);
    earlier[n] = draws.integer(0, T - gap);
    later[n] = earlier[n]! + gap;
  }
  return { earlier, later };
}
