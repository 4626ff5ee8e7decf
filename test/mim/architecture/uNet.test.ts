/** What makes it a U: fine detail goes across, the surroundings go round by the deepest map. */
import { beforeAll, describe, expect, test } from "vitest";
import { type UNet, uNetDecode, uNetEncode, uNetSpecs } from "../../../src/mim/architecture/uNet.ts";
import { initParams, toTensors } from "../../../src/mim/nn/params.ts";
import { readSync, scope, start, type Tensor, tensor, zerosLike } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";

const plane: UNet = { inputChannels: 1, outputChannels: 2, widths: [4, 6, 8], rank: 2 };

beforeAll(async () => {
  await start();
});

/** Output for an input, with some maps of the way down taken out. */
function run(c: UNet, x: ArrayLike<number>, shape: readonly number[], without: readonly number[] = []) {
  let out: { shape: number[]; sides: number[][]; data: number[] } = { shape: [], sides: [], data: [] };
  scope(() => {
    const p = toTensors(initParams(uNetSpecs(c), keyOf(1)), "float64");
    const maps = uNetEncode(c, p, tensor(Float64Array.from(x), shape, "float64"));
    const kept: Tensor[] = maps.map((map, i) => (without.includes(i) ? zerosLike(map) : map));
    const y = uNetDecode(c, p, kept);
    out = { shape: [...y.shape], sides: maps.map((map) => map.shape.slice(1)), data: Array.from(readSync(y)) };
    return [];
  });
  return out;
}

describe("U-Net", () => {
  const shape = [1, 1, 16, 16];
  const x = normals(keyOf(2), 256);
  const dot = (row: number, column: number) => x.map((v, i) => (i === row * 16 + column ? v + 3 : v));
  const reach = (without: readonly number[]) => {
    const [a, b] = [run(plane, x, shape, without), run(plane, dot(8, 8), shape, without)];
    const rows = a.data.flatMap((v, i) => (Math.abs(v - b.data[i]!) > 1e-12 ? [Math.floor((i % 256) / 16)] : []));
    return rows.length === 0 ? 0 : Math.max(...rows) - Math.min(...rows) + 1;
  };

  test("maps halve on the way down and the output is as fine as the input, for pictures and volumes", () => {
    const picture = run(plane, x, shape);
    expect(picture.sides).toEqual([
      [4, 16, 16],
      [6, 8, 8],
      [8, 4, 4],
    ]);
    expect(picture.shape).toEqual([1, 2, 16, 16]);
    const volume = run({ ...plane, rank: 3, widths: [2, 3] }, normals(keyOf(3), 512), [1, 1, 8, 8, 8]);
    expect(volume.sides).toEqual([
      [2, 8, 8, 8],
      [3, 4, 4, 4],
    ]);
    expect(volume.shape).toEqual([1, 2, 8, 8, 8]);
  });

  test("a pixel reaches only its neighbours across the finest map, and farther by each coarser one", () => {
    const finest = reach([1, 2]); // two 3 x 3 convolutions
    expect(finest).toBe(5);
    expect(reach([2])).toBeGreaterThan(finest);
    expect(reach([])).toBeGreaterThan(reach([2]));
  });

  test("every map of the way down is used on the way up", () => {
    const whole = run(plane, x, shape).data;
    for (const i of [0, 1, 2]) {
      const other = run(plane, x, shape, [i]).data;
      expect(Math.max(...whole.map((v, k) => Math.abs(v - other[k]!)))).toBeGreaterThan(1e-9);
    }
  });
});
