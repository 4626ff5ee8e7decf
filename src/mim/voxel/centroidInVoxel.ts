/**
 * Where centroids [V, K, 3] lie in their voxels: 0 at the voxel's lower corner, 1 at its upper one, along each axis. The
 * voxels [V, 3] are grid coordinates; `origin` and `size` of the grid are in the axis order of the centroids. GeoMAE, Tian et
 * al. 2023; the released code has axes in the order z, y, x.
 */
export function centroidInVoxel(
  centroids: ArrayLike<number>,
  voxels: ArrayLike<number>,
  { origin, size }: { readonly origin: readonly number[]; readonly size: readonly number[] },
): Float64Array {
  const each = centroids.length / (voxels.length / 3);
  return Float64Array.from({ length: centroids.length }, (_, i) => {
    const axis = i % 3;
    const corner = voxels[3 * Math.floor(i / each) + axis]! * size[axis]! + origin[axis]!;
    return (centroids[i]! - corner) / size[axis]!;
  });
}
