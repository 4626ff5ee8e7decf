import type { Draws } from "../draws.ts";
import { nearestPoints } from "../points/nearestPoints.ts";

/**
 * Hides one connected part of each point cloud: the ⌊G · maskRatio⌋ centres nearest to a drawn one. centers [N, G, 3]; mask
 * [N, G], 0 kept, 1 masked. The block masking of Point-BERT and of an ablation of
 * Point-MAE (_mask_center_block of models/Point_MAE.py).
 */
export function nearestCentersMasking(
  draws: Draws,
  centers: ArrayLike<number>,
  [N, G]: readonly [number, number],
  maskRatio: number,
): Float32Array {
  const hidden = Math.floor(G * maskRatio);
  const mask = new Float32Array(N * G);
  for (let n = 0; n < N; n++) {
    const own = Float64Array.from({ length: 3 * G }, (_, i) => centers[n * 3 * G + i]!);
    const from = draws.integer(0, G);
    for (const group of nearestPoints(own, own.subarray(3 * from, 3 * from + 3), hidden)) mask[n * G + group] = 1;
  }
  return mask;
}
