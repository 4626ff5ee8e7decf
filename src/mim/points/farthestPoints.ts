/**
 * `count` points of a cloud [P, 3] that cover it: the first point, then each time the one farthest from those chosen; ties go to
 * the lower index. Points within √1e-3 of the origin are never chosen, as in the CUDA kernel that Point-MAE calls (PointNet++,
 * Qi et al. 2017, §3.2).
 */
export function farthestPoints(cloud: ArrayLike<number>, count: number): Int32Array {
  const P = cloud.length / 3;
  if (count > P) throw new RangeError(`farthestPoints: expected at least ${count} points, found ${P}`);
  const nearest = new Float64Array(P).fill(Number.POSITIVE_INFINITY);
  const chosen = new Int32Array(count);
  for (let k = 1; k < count; k++) {
    const last = chosen[k - 1]!;
    let farthest = 0;
    let most = -1;
    for (let i = 0; i < P; i++) {
      if (squared(cloud, i) <= 1e-3) continue;
      nearest[i] = Math.min(nearest[i]!, squaredDistance(cloud, i, cloud, last));
      if (nearest[i]! > most) [farthest, most] = [i, nearest[i]!];
    }
    chosen[k] = farthest;
  }
  return chosen;
}

const squared = (cloud: ArrayLike<number>, i: number): number =>
  cloud[3 * i]! ** 2 + cloud[3 * i + 1]! ** 2 + cloud[3 * i + 2]! ** 2;

/** Squared distance of point i of one cloud to point j of another. */
export const squaredDistance = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number =>
  (a[3 * i]! - b[3 * j]!) ** 2 + (a[3 * i + 1]! - b[3 * j + 1]!) ** 2 + (a[3 * i + 2]! - b[3 * j + 2]!) ** 2;
