import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { broadcastTo, concat, max, relu, reshape, type Tensor, transpose } from "../ops.ts";

/** Numbers of a point: where it is, as seen from its voxel's centroid, and from its voxel's middle. */
export const POINT_FEATURES = 9;

export const voxelFeatureSpecs = (name: string, widths: readonly [number, number]): ParamSpecs =>
  Object.assign(
    {},
    ...widths.map((width, i) => ({
      ...linearSpecs(`${name}.vfe_layers.${i}.linear`, i === 0 ? POINT_FEATURES : 2 * widths[0], width, {
        bias: false,
      }),
      ...batchNormSpecs(`${name}.vfe_layers.${i}.norm`, width),
    })),
  );

/**
 * One feature for each voxel, whatever the number and order of its points: points [N, L, P, 9] of which some are there,
 * 1 in `there` [N, L, P] -> [N, L, D], 0 for an empty voxel. Two layers shared by all points, the voxel's largest values beside
 * each point in between. Zhou and Tuzel 2018 (VoxelNet), §2.1.1; DynamicScatterVFE of SST and GeoMAE, where a voxel has no most
 * points; here it has P.
 */
export function voxelFeatures(p: Params, name: string, points: Tensor, there: Tensor): Tensor {
  const [N, L, P] = points.shape as [number, number, number, number];
  const active = reshape(there, [N * L, 1, P]);
  const layer = (x: Tensor, i: 0 | 1): Tensor => {
    const flat = transpose(linear(p, `${name}.vfe_layers.${i}.linear`, x), [0, 2, 1]); // [NL, width, P]
    return relu(batchNorm(p, `${name}.vfe_layers.${i}.norm`, flat, { eps: 1e-3, active })); // 0 where there is no point
  };
  const single = layer(reshape(points, [N * L, P, POINT_FEATURES]), 0);
  const whole = broadcastTo(max(single, 2, { keepdims: true }), single.shape); // values are at least 0, as those of no point
  const both = transpose(concat([single, whole], 1), [0, 2, 1]);
  return reshape(max(layer(both, 1), 2), [N, L, -1]);
}
