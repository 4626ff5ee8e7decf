import { symmetricEigen3 } from "./symmetricEigen3.ts";

/** Sub-voxel centroids of V voxels, S places each. */
export interface SubVoxels {
  /** [V, S, 3] */
  readonly centroids: ArrayLike<number>;
  /** [V, S], 1 where a sub-voxel holds points; the released code expects zeros for the centroids elsewhere. */
  readonly occupied: ArrayLike<number>;
}

/** Surface of each voxel. */
export interface SurfaceTargets {
  /** [V, 3], unit normal, up to its sign. */
  readonly normal: Float64Array;
  /** [V, 3], the scatter's eigenvalues, largest first, as shares of their sum. */
  readonly curvature: Float64Array;
}

/**
 * Normal and curvature of the surface through each voxel and its neighbours. GeoMAE, Tian et al. 2023: from the
 * eigenvectors of the scatter of the sub-voxel centroids about the voxel's own centroid. neighbors [B, V] lists for each voxel
 * the voxels around it, itself among them, -1 where there is none; centers [V, 3] are the voxels' own centroids.
 */
export function normalAndCurvature(
  { centroids, occupied }: SubVoxels,
  centers: ArrayLike<number>,
  neighbors: ArrayLike<number>,
  eps = 1e-9,
): SurfaceTargets {
  const V = centers.length / 3;
  const S = occupied.length / V;
  const normal = new Float64Array(3 * V);
  const curvature = new Float64Array(3 * V);
  for (let v = 0; v < V; v++) {
    const scatter = new Array<number>(9).fill(0);
    for (let b = 0; b < neighbors.length / V; b++) {
      const other = neighbors[b * V + v]!;
      if (other < 0) continue;
      for (let s = other * S; s < (other + 1) * S; s++) {
        const d = [0, 1, 2].map((axis) => centroids[3 * s + axis]! - (occupied[s] ? centers[3 * v + axis]! : 0));
        for (let i = 0; i < 9; i++) scatter[i]! += d[Math.floor(i / 3)]! * d[i % 3]!;
      }
    }
    const { values, vectors } = symmetricEigen3(scatter);
    const size = values.map((value) => Math.abs(value) + eps);
    const total = size.reduce((a, b) => a + b, 0);
    normal.set(vectors[2], 3 * v);
    curvature.set(
      size.map((value) => value / total),
      3 * v,
    );
  }
  return { normal, curvature };
}
