/** Occupied voxels, ascending by their coordinates. */
export interface VoxelCentroids {
  /** [V, D], whole numbers: sample, then grid coordinates. */
  readonly voxels: Int32Array;
  /** [V, C], mean of each voxel's points. */
  readonly centroids: Float64Array;
  /** [V] */
  readonly counts: Int32Array;
}

/**
 * Means of the points [P, C] of each voxel, given every point's voxel [P, D]; a point with a negative coordinate lies outside
 * and is left out. GeoMAE, Tian et al. 2023, centroid prediction.
 */
export function voxelCentroids(points: ArrayLike<number>, coordinates: ArrayLike<number>, P: number): VoxelCentroids {
  const [C, D] = [points.length / P, coordinates.length / P];
  const voxelOf = (i: number) => Array.from({ length: D }, (_, d) => coordinates[i * D + d]!);
  const members = new Map<string, number[]>();
  for (let i = 0; i < P; i++) {
    if (voxelOf(i).some((x) => x < 0)) continue;
    const name = voxelOf(i).join();
    members.set(name, [...(members.get(name) ?? []), i]);
  }
  const groups = [...members.values()].sort((a, b) => lexicographic(voxelOf(a[0]!), voxelOf(b[0]!)));
  return {
    voxels: Int32Array.from(groups.flatMap((ids) => voxelOf(ids[0]!))),
    centroids: Float64Array.from(
      groups.flatMap((ids) =>
        Array.from({ length: C }, (_, c) => ids.reduce((sum, i) => sum + points[i * C + c]!, 0) / ids.length),
      ),
    ),
    counts: Int32Array.from(groups, (ids) => ids.length),
  };
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  const d = a.findIndex((x, k) => x !== b[k]);
  return d < 0 ? 0 : a[d]! - b[d]!;
}
