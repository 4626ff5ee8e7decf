import type { HostTensor } from "../method.ts";
import { centroidInVoxel } from "./centroidInVoxel.ts";
import { normalAndCurvature } from "./normalAndCurvature.ts";
import { voxelCentroids } from "./voxelCentroids.ts";

export type Zyx = readonly [z: number, y: number, x: number];

/** Pillars over a plane, one cell high, each cut into smaller voxels twice over; all triples in the order z, y, x. */
export interface PillarGrid {
  /** Lower corner, and size of a pillar. */
  readonly origin: Zyx;
  readonly size: Zyx;
  /** Pillars along y and x. */
  readonly rows: number;
  readonly columns: number;
  /** Parts of a pillar along each axis, coarse ("med") and fine ("low"); the fine parts subdivide the coarse. */
  readonly coarse: Zyx;
  readonly fine: Zyx;
}

/** Targets of every pillar, L = rows · columns, zeros where it is empty. */
export interface GeometryTargets {
  /** [N, L], 1 where a pillar holds points. */
  readonly occupied: HostTensor;
  /** [N, L, S·3] for the S fine and the coarse parts, [N, L, 3] for the pillar: mean of the points, 0 to 1 within its voxel. */
  readonly fine: HostTensor;
  readonly coarse: HostTensor;
  readonly whole: HostTensor;
  /** [N, L, S], 1 where a part holds points. */
  readonly fineOccupied: HostTensor;
  readonly coarseOccupied: HostTensor;
  /** [N, L, 3] each. */
  readonly normal: HostTensor;
  readonly curvature: HostTensor;
}

const product = (v: readonly number[]): number => v.reduce((a, b) => a * b, 1);

/** Voxel of each point [P, 3] at the finest level, z, y, x; -1 outside the grid. */
function fineVoxels(g: PillarGrid, points: ArrayLike<number>): Int32Array {
  const cells: Zyx = [1, g.rows, g.columns];
  return Int32Array.from({ length: points.length }, (_, i) => {
    const axis = i % 3;
    const at = Math.floor(((points[i]! - g.origin[axis]!) / g.size[axis]!) * g.fine[axis]!);
    return at >= 0 && at < cells[axis]! * g.fine[axis]! ? at : -1;
  });
}

/** Pillar of each point [P, 3], y · columns + x; -1 outside the grid. */
export function pillarOf(g: PillarGrid, points: ArrayLike<number>): Int32Array {
  const voxels = fineVoxels(g, points);
  return Int32Array.from({ length: points.length / 3 }, (_, i) => {
    const [z, y, x] = [voxels[3 * i]!, voxels[3 * i + 1]!, voxels[3 * i + 2]!];
    return Math.min(z, y, x) < 0 ? -1 : Math.floor(y / g.fine[1]) * g.columns + Math.floor(x / g.fine[2]);
  });
}

/**
 * Centroids, occupancy, normals and curvatures of clouds [N, P, 3] in the order z, y, x. GeoMAE, Tian et al. 2023;
 * Tsinghua-MARS-Lab/GeoMAE, multi_sub_voxel_dynamic_voxelnet_ssl.py: normal and curvature come from the coarse parts' centroids in a
 * pillar and its eight neighbours, about the pillar's own.
 */
export function geometryTargets(g: PillarGrid, points: HostTensor): GeometryTargets {
  const [N, P] = points.shape as [number, number, number];
  const L = g.rows * g.columns;
  const [F, C] = [product(g.fine), product(g.coarse)];
  const empty = (...shape: number[]): HostTensor & { readonly data: Float64Array } => ({
    shape: [N, L, ...shape],
    data: new Float64Array(N * L * product(shape)),
  });
  const out = {
    occupied: empty(),
    fine: empty(F * 3),
    coarse: empty(C * 3),
    whole: empty(3),
    fineOccupied: empty(F),
    coarseOccupied: empty(C),
    normal: empty(3),
    curvature: empty(3),
  };
  for (let n = 0; n < N; n++) {
    const own = points.data.subarray(n * P * 3, (n + 1) * P * 3);
    const finest = fineVoxels(g, own);
    const at = (parts: Zyx) => level(g, own, finest, parts);
    const [fine, coarse, whole] = [at(g.fine), at(g.coarse), at([1, 1, 1])];
    const put = (to: Float64Array, marks: Float64Array, { slots, inVoxel }: Level, S: number) =>
      slots.forEach((slot, v) => {
        to.set(inVoxel.subarray(3 * v, 3 * v + 3), (n * L * S + slot) * 3);
        marks[n * L * S + slot] = 1;
      });
    put(out.fine.data, out.fineOccupied.data, fine, F);
    put(out.coarse.data, out.coarseOccupied.data, coarse, C);
    put(out.whole.data, out.occupied.data, whole, 1);
    const surface = surfaceOf(g, coarse, whole, C);
    whole.slots.forEach((cell, v) => {
      out.normal.data.set(surface.normal.subarray(3 * v, 3 * v + 3), (n * L + cell) * 3);
      out.curvature.data.set(surface.curvature.subarray(3 * v, 3 * v + 3), (n * L + cell) * 3);
    });
  }
  return out;
}

/** Occupied voxels of one size. */
interface Level {
  /** Place of each among all parts of all pillars: pillar · S + part. */
  readonly slots: readonly number[];
  /** [V, 3], as they are and within the voxel. */
  readonly centroids: Float64Array;
  readonly inVoxel: Float64Array;
}

function level(g: PillarGrid, points: ArrayLike<number>, finest: Int32Array, parts: Zyx): Level {
  const coordinates = finest.map((x, i) => (x < 0 ? -1 : Math.floor((x * parts[i % 3]!) / g.fine[i % 3]!)));
  const { voxels, centroids } = voxelCentroids(points, coordinates, points.length / 3);
  const size = g.size.map((s, axis) => s / parts[axis]!);
  const slots = Array.from({ length: voxels.length / 3 }, (_, v) => {
    const [z, y, x] = Array.from(voxels.subarray(3 * v, 3 * v + 3)) as [number, number, number];
    const cell = Math.floor(y / parts[1]) * g.columns + Math.floor(x / parts[2]);
    return cell * product(parts) + ((z % parts[0]) * parts[1] + (y % parts[1])) * parts[2] + (x % parts[2]);
  });
  return { slots, centroids, inVoxel: centroidInVoxel(centroids, voxels, { origin: g.origin, size }) };
}

function surfaceOf(g: PillarGrid, coarse: Level, whole: Level, S: number) {
  const V = whole.slots.length;
  const numberOf = new Map(whole.slots.map((cell, v) => [cell, v]));
  const centroids = new Float64Array(V * S * 3);
  const occupied = new Float64Array(V * S);
  coarse.slots.forEach((slot, i) => {
    const to = numberOf.get(Math.floor(slot / S))! * S + (slot % S);
    centroids.set(coarse.centroids.subarray(3 * i, 3 * i + 3), 3 * to);
    occupied[to] = 1;
  });
  const neighbors = Int32Array.from({ length: 9 * V }, (_, i) => {
    const cell = whole.slots[i % V]!;
    const [dy, dx] = [Math.floor(i / (3 * V)) - 1, (Math.floor(i / V) % 3) - 1];
    const [y, x] = [Math.floor(cell / g.columns) + dy, (cell % g.columns) + dx];
    const inside = y >= 0 && y < g.rows && x >= 0 && x < g.columns;
    return inside ? (numberOf.get(y * g.columns + x) ?? -1) : -1;
  });
  return normalAndCurvature({ centroids, occupied }, whole.centroids, neighbors);
}
