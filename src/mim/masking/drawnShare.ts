import type { Draws } from "../draws.ts";

/** Share of an image's patches: drawn evenly within `spread` of `middle`. */
export interface RatioRange {
  readonly middle: number;
  readonly spread: number;
}

/** A share from each range, then one of them by lot; a spread of 0 draws nothing. iBOT, loader.py, get_pred_ratio. */
export function drawnShare(draws: Draws, ranges: readonly RatioRange[]): number {
  const shares = ranges.map(({ middle, spread }) =>
    spread > 0 ? draws.uniform(1, middle - spread, middle + spread)[0]! : middle,
  );
  return shares[draws.integer(0, ranges.length)]!;
}
