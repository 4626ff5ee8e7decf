import type { Draws } from "../draws.ts";
import { shuffledMasking } from "./shuffled.ts";
import type { Clip } from "./tube.ts";

/**
 * Hides whole frames: mask [N, frames · patches], 0 kept, 1 masked. The time-only sampling that ST-MAE (Feichtenhofer et
 * al. 2022, §3) and VideoMAE compare with tubes.
 */
export function frameMasking(draws: Draws, N: number, { frames, patches }: Clip, maskRatio: number): Float32Array {
  const inTime = shuffledMasking(draws, N, frames, maskRatio);
  return Float32Array.from({ length: N * frames * patches }, (_, i) => inTime[Math.floor(i / patches)]!);
}
