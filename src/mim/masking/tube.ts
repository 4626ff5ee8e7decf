import type { Draws } from "../draws.ts";
import { shuffledMasking } from "./shuffled.ts";

/** Frames (or tubelets) of a clip and patches of each. */
export interface Clip {
  readonly frames: number;
  readonly patches: number;
}

/**
 * Hides the same patches in every frame, so that no hidden patch can be copied from a neighbouring frame: mask
 * [N, frames · patches], 0 kept, 1 masked. VideoMAE, Tong et al. 2022, §3.3 "tube masking with an extremely high ratio".
 */
export function tubeMasking(draws: Draws, N: number, { frames, patches }: Clip, maskRatio: number): Float32Array {
  const inSpace = shuffledMasking(draws, N, patches, maskRatio);
  const mask = new Float32Array(N * frames * patches);
  for (let row = 0; row < N * frames; row++) {
    const n = Math.floor(row / frames);
    mask.set(inSpace.subarray(n * patches, (n + 1) * patches), row * patches);
  }
  return mask;
}
