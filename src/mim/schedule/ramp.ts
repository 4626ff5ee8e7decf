/** How a masking ratio may rise with training: Curriculum by Masking, Jarca et al. 2024, compares these and the repeated ramp. */
const CURVES = {
  constant: () => 1,
  linear: (t: number) => t,
  /** Fast first, slow later. */
  log: (t: number) => Math.log1p(t * (Math.E - 1)),
  /** Slow first, fast later. */
  exp: (t: number) => Math.expm1(t) / (Math.E - 1),
} as const satisfies Record<string, (t: number) => number>;

export type RampCurve = keyof typeof CURVES;

/** A value between `from` and `to` at the share `progress` of training, in [0, 1]; a ramp from high to low is anti-curricular. */
export const ramp = (curve: RampCurve, progress: number, from: number, to: number): number =>
  from + (to - from) * CURVES[curve](Math.min(1, Math.max(0, progress)));

/** A short rising ramp run through again and again: the value of an epoch, counted from 0. */
export const repeatedRamp = (epoch: number, length: number, from: number, to: number): number =>
  length === 1 ? to : from + ((to - from) * (epoch % length)) / (length - 1);
