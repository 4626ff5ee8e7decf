export interface WarmupCosine {
  readonly peak: number;
  readonly end: number;
  readonly warmup: number;
  readonly total: number;
}

/**
 * Learning rate at a time, in the unit of `warmup` and `total` (epochs or steps, fractions allowed): a line from 0 to
 * `peak`, then half a cosine to `end`. MAE's util/lr_sched.py; Loshchilov and Hutter 2017, Eq. 5.
 */
export function warmupCosine(time: number, { peak, end, warmup, total }: WarmupCosine): number {
  if (time < warmup) return (peak * time) / warmup;
  return end + (peak - end) * 0.5 * (1 + Math.cos((Math.PI * (time - warmup)) / (total - warmup)));
}
