/** Tokens of a sparse plane look at those of their window, and at nothing that is not there. */
import { beforeAll, expect, test } from "vitest";
import { regionalBlocks, regionalSpecs, windowOf } from "../../../src/mim/architecture/regionalTransformer.ts";
import { POINT_FEATURES, voxelFeatureSpecs, voxelFeatures } from "../../../src/mim/architecture/voxelFeatures.ts";
import { initParams, toTensors } from "../../../src/mim/nn/params.ts";
import { readSync, scope, start, tensor } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";

const c = { rows: 8, columns: 8, window: 4, dim: 8, heads: 2, feedForward: 8 };
const [L, D] = [64, 8];
const x = normals(keyOf(1), L * D);
const cells = Int32Array.from({ length: L }, (_, i) => (i * 7) % L); // in no order

beforeAll(async () => {
  await start();
});

function run(values: Float64Array, there: Float64Array): Float64Array {
  let out = new Float64Array(0);
  scope(() => {
    const p = toTensors(initParams(regionalSpecs("blocks", 1, c), keyOf(2)), "float64");
    const places = { cells: tensor(cells, [1, L], "int32"), there: tensor(there, [1, L], "float64") };
    out = Float64Array.from(readSync(regionalBlocks(c, p, "blocks", 1, tensor(values, [1, L, D], "float64"), places)));
    return [];
  });
  return out;
}

/** Cells whose tokens come out otherwise when the token of a cell is made otherwise. */
function reached(cell: number, there: Float64Array): number[] {
  const token = cells.indexOf(cell);
  const other = x.map((v, i) => (Math.floor(i / D) === token ? v + 1 + (i % 3) : v));
  const [before, after] = [run(x, there), run(other, there)];
  const moved = new Set<number>();
  before.forEach((v, i) => {
    if (Math.abs(v - after[i]!) > 1e-9) moved.add(cells[Math.floor(i / D)]!);
  });
  return [...moved].toSorted((a, b) => a - b);
}

test("two layers carry a token as far as windows, then windows moved by half, overlap", () => {
  const [first, second] = [windowOf(c, 0), windowOf(c, 1)];
  const cell = 9; // row 1, column 1: in the first window; its own moved windows reach rows and columns up to 5
  const near = new Set(Array.from({ length: L }, (_, i) => i).filter((i) => first[i] === first[cell]));
  const moved = new Set([...near].map((i) => second[i]));
  const expected = Array.from({ length: L }, (_, i) => i).filter((i) => moved.has(second[i]));
  expect(near.size).toBe(16);
  expect(expected.length).toBe(36);
  expect(reached(cell, new Float64Array(L).fill(1))).toEqual(expected);
});

test("a token that is not there reaches nobody", () => {
  const there = new Float64Array(L).fill(1);
  there[cells.indexOf(9)] = 0;
  expect(reached(9, there)).toEqual([9]);
});

test("a voxel's feature does not depend on the order of its points, nor on what stands where there is none", () => {
  const [V, P] = [3, 4];
  const points = normals(keyOf(3), V * P * POINT_FEATURES);
  const there = Float64Array.from([1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  const feature = (values: Float64Array) => {
    let out: number[] = [];
    scope(() => {
      const p = toTensors(initParams(voxelFeatureSpecs("v", [6, 8]), keyOf(4)), "float64");
      const shape = [1, V, P, POINT_FEATURES];
      out = Array.from(
        readSync(voxelFeatures(p, "v", tensor(values, shape, "float64"), tensor(there, [1, V, P], "float64"))),
      );
      return [];
    });
    return out;
  };
  const before = feature(points);
  const F = POINT_FEATURES;
  const swapped = points.map((v, i) => (i < F ? points[i + 2 * F]! : i >= 2 * F && i < 3 * F ? points[i - 2 * F]! : v));
  const ghost = points.map((v, i) => (there[Math.floor(i / F)] === 1 ? v : 100));
  for (const other of [feature(swapped), feature(ghost)]) {
    other.forEach((v, i) => {
      expect(v).toBeCloseTo(before[i]!, 9);
    });
  }
  expect(before.slice(16)).toEqual(new Array(8).fill(0)); // the third holds none
});
