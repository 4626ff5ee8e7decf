export interface CosineOptions {
  /** Steps of a line from `warmupStart` to the first value, both ends included. */
  readonly warmup?: number;
  readonly warmupStart?: number;
}

/**
 * Values for steps 0 … steps-1: half a cosine from `start` towards `end`, which would be reached one step after the last.
 * Momentum and weight decay of DINO and iBOT, utils.py (cosine_scheduler).
 */
export function cosineValues(
  start: number,
  end: number,
  steps: number,
  { warmup = 0, warmupStart = 0 }: CosineOptions = {},
): Float64Array {
  return Float64Array.from({ length: steps }, (_, step) => {
    if (step < warmup) return warmup === 1 ? warmupStart : warmupStart + ((start - warmupStart) * step) / (warmup - 1);
    return end + 0.5 * (start - end) * (1 + Math.cos((Math.PI * (step - warmup)) / (steps - warmup)));
  });
}
