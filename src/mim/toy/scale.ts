/** About the mean and the deviation of the toy world's pictures and sounds, whose values lie in [0, 1]. */
export const MEAN = 0.5;
export const DEVIATION = 0.25;

/** Values of black and white once these are taken out. */
export const RANGE: readonly [black: number, white: number] = [(0 - MEAN) / DEVIATION, (1 - MEAN) / DEVIATION];
