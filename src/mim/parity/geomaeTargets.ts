import { centroidInVoxel } from "../voxel/centroidInVoxel.ts";
import { normalAndCurvature } from "../voxel/normalAndCurvature.ts";
import { voxelCentroids } from "../voxel/voxelCentroids.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, type JsonTensor, options } from "./fixture.ts";

type Section<Name extends string> = Readonly<Record<Name, JsonTensor>>;

const OPTIONS = {
  voxel_size: [0, 0, 0],
  point_cloud_range: [0, 0, 0, 0, 0, 0],
  sub_voxel_size_low: [0, 0, 0],
  sub_voxel_size_med: [0, 0, 0],
  eps: 1e-9,
};

/** Tsinghua-MARS-Lab/GeoMAE, multi_sub_voxel_dynamic_voxelnet_ssl.py; sizes are given as x, y, z and used as z, y, x. */
export async function geomaeTargetsParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, OPTIONS);
  const surface = fixture.curvature as Section<
    "sub_centroids" | "sub_mask" | "voxel_centroids" | "neighbour_pairs" | "normal" | "curvature"
  >;
  const { coors, centroids, out } = fixture.normalize as Section<"coors" | "centroids" | "out">;
  const sub = fixture.normalize_sub as Section<"low" | "med" | "top">;
  const mean = fixture.centroid_per_voxel as Section<"points" | "voxel_coors" | "centroids" | "voxels" | "counts">;
  const place = (size: readonly number[], points: readonly number[]) =>
    centroidInVoxel(points, coors.data, {
      size: size.toReversed(),
      origin: o.point_cloud_range.slice(0, 3).toReversed(),
    });
  const first = centroids.data.filter((_, i) => i % 6 < 3); // the recorded sub-voxels take each voxel's first centroid

  const { normal, curvature } = normalAndCurvature(
    { centroids: surface.sub_centroids.data, occupied: surface.sub_mask.data },
    surface.voxel_centroids.data,
    surface.neighbour_pairs.data,
    o.eps,
  );
  const aligned = normal.map((x, i) => {
    const row = 3 * Math.floor(i / 3);
    const along = [0, 1, 2].reduce((sum, k) => sum + normal[row + k]! * surface.normal.data[row + k]!, 0);
    return along < 0 ? -x : x; // a normal is given up to its sign
  });
  const ours = voxelCentroids(mean.points.data, mean.voxel_coors.data, mean.points.shape[0]!);
  return [
    check("curvature.normal", surface.normal, aligned, "forward", dtype),
    check("curvature.curvature", surface.curvature, curvature, "forward", dtype),
    check("normalize.out", out, place(o.voxel_size, centroids.data), "forward", dtype),
    check("normalize_sub.low", sub.low, place(o.sub_voxel_size_low, first), "forward", dtype),
    check("normalize_sub.med", sub.med, place(o.sub_voxel_size_med, first), "forward", dtype),
    check("normalize_sub.top", sub.top, place(o.voxel_size, first), "forward", dtype),
    check("centroid_per_voxel.centroids", mean.centroids, ours.centroids, "forward", dtype),
    check("centroid_per_voxel.voxels", mean.voxels, ours.voxels, "exact", dtype),
    check("centroid_per_voxel.counts", mean.counts, ours.counts, "exact", dtype),
  ];
}
