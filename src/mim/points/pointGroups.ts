import { farthestPoints } from "./farthestPoints.ts";
import { nearestPoints } from "./nearestPoints.ts";

/** Patches of a batch of point clouds. */
export interface PointGroups {
  /** [N, G], index of each centre in its cloud. */
  readonly idsCenter: Int32Array;
  /** [N, G, 3] */
  readonly centers: Float64Array;
  /** [N, G, K, 3], each group's points relative to its centre. */
  readonly neighborhoods: Float64Array;
}

/** Groups of the K points nearest to G far apart centres: clouds [N, P, 3]. Point-MAE, Pang et al. 2022, §3.1. */
export function pointGroups(
  clouds: ArrayLike<number>,
  [N, P]: readonly [number, number],
  G: number,
  K: number,
): PointGroups {
  const idsCenter = new Int32Array(N * G);
  const centers = new Float64Array(N * G * 3);
  const neighborhoods = new Float64Array(N * G * K * 3);
  for (let n = 0; n < N; n++) {
    const cloud = Float64Array.from({ length: P * 3 }, (_, i) => clouds[n * P * 3 + i]!);
    const ids = farthestPoints(cloud, G);
    const own = Float64Array.from({ length: G * 3 }, (_, i) => cloud[3 * ids[Math.floor(i / 3)]! + (i % 3)]!);
    idsCenter.set(ids, n * G);
    centers.set(own, n * G * 3);
    nearestPoints(cloud, own, K).forEach((point, k) => {
      const group = Math.floor(k / K);
      for (let axis = 0; axis < 3; axis++) {
        neighborhoods[(n * G * K + k) * 3 + axis] = cloud[3 * point + axis]! - own[3 * group + axis]!;
      }
    });
  }
  return { idsCenter, centers, neighborhoods };
}
