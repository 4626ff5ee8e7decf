import type { Draws } from "../draws.ts";
import { keepSmallest } from "./random.ts";

export interface TimeFrequencyOptions {
  /** Patches along time and along frequency. */
  readonly grid: readonly [time: number, frequency: number];
  /** Share of the time steps that is hidden, and of the frequency bands; 0 leaves an axis whole. */
  readonly timeRatio: number;
  readonly frequencyRatio: number;
}

/**
 * Hides whole time steps and whole frequency bands of a spectrogram: a patch stays visible when neither its step nor its band
 * is hidden. Mask [N, time · frequency], time first, 0 kept, 1 masked. AudioMAE, Huang et al. 2022,
 * "structured masking" (time, frequency, time + frequency); random_masking_2d of models_mae.py.
 */
export function timeFrequencyMasking(
  draws: Draws,
  N: number,
  { grid: [T, F], timeRatio, frequencyRatio }: TimeFrequencyOptions,
): Float32Array {
  const time = hiddenRows(draws, N, T, timeRatio);
  const frequency = hiddenRows(draws, N, F, frequencyRatio);
  return Float32Array.from({ length: N * T * F }, (_, i) => {
    const n = Math.floor(i / (T * F));
    return Math.max(time[n * T + (Math.floor(i / F) % T)]!, frequency[n * F + (i % F)]!);
  });
}

const hiddenRows = (draws: Draws, N: number, L: number, ratio: number): Float32Array =>
  keepSmallest(draws.uniform(N * L), N, L, Math.floor(L * (1 - ratio))).mask;
