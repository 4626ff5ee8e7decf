import type { Draws } from "../draws.ts";

/**
 * Keeps one patch of every 2 × 2 window, so that the kept quarter is itself a grid that a pyramid network can take: mask
 * [N, h · w], 0 kept, 1 masked. UM-MAE, Li et al. 2022, "uniform sampling". The kept corners are balanced before they are
 * drawn: all four stand equally often in a list of at least twice as many as are needed (mask_transform.py).
 */
export function uniformSampling(draws: Draws, N: number, [h, w]: readonly [number, number]): Float32Array {
  if (h % 2 || w % 2) throw new RangeError(`uniformSampling: expected an even grid, found ${h} x ${w}`);
  const windows = (h * w) / 4;
  const listed = 4 * Math.ceil((h * w) / 8);
  const mask = new Float32Array(N * h * w).fill(1);
  for (let n = 0; n < N; n++) {
    const corners = draws.permutation(listed).map((i) => i % 4);
    for (let i = 0; i < windows; i++) {
      const row = 2 * Math.floor(i / (w / 2)) + (corners[i]! >> 1);
      const column = 2 * (i % (w / 2)) + (corners[i]! & 1);
      mask[n * h * w + row * w + column] = 0;
    }
  }
  return mask;
}
