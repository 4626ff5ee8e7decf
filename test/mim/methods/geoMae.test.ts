import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { type GeoMaeConfig, geoMae } from "../../../src/mim/methods/geoMae.ts";
import { pointMae } from "../../../src/mim/methods/pointMae.ts";
import { start } from "../../../src/mim/ops.ts";
import { generator, keyOf } from "../../../src/mim/toy/random.ts";
import { geometryTargets } from "../../../src/mim/voxel/geometryTargets.ts";
import { changed, distance, evaluateOnce, norm, type OnceResult } from "../evaluateOnce.ts";

const config: GeoMaeConfig = {
  ...geoMae.toy.config,
  dim: 16,
  heads: 2,
  feedForward: 16,
  pointWidth: 8,
  encoderDepth: 1,
};
const L = 64;
const trained = ["backbone.decoder_pred_density_top.weight", "backbone.encoder_blocks.0.encoder_list.1.linear1.weight"];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(geoMae, config, { n: 2, trained });
});

type Point = readonly [z: number, y: number, x: number];
const cloud = (points: readonly Point[]): HostTensor => ({
  shape: [1, points.length, 3],
  data: Float64Array.from(points.flat()),
});
const random = (n: number): Point[] => {
  const draw = generator(keyOf(4));
  return Array.from({ length: n }, () => [draw.range(-0.9, 0.9), draw.range(-0.9, 0.9), draw.range(-0.9, 0.9)]);
};
const rowOf = (x: HostTensor, cell: number, F = 3) => Array.from(x.data.subarray(cell * F, (cell + 1) * F));

describe("targets of GeoMAE", () => {
  test("on a plane the normal is the plane's, up to its sign, and the least curvature is none", () => {
    const [a, b] = [0.4, -0.3]; // z = a y + b x
    const points = random(900).map(([, y, x]): Point => [a * y + b * x, y, x]);
    const { normal, curvature, occupied } = geometryTargets(config, cloud(points));
    const length = Math.hypot(1, a, b);
    for (const cell of [9, 27, 36, 54]) {
      expect(occupied.data[cell]).toBe(1);
      const along = rowOf(normal, cell).reduce((sum, v, i) => sum + (v * [1, -a, -b][i]!) / length, 0);
      expect(Math.abs(along)).toBeCloseTo(1, 6);
      const [first, , last] = rowOf(curvature, cell) as [number, number, number];
      expect(last).toBeLessThan(1e-6);
      expect(rowOf(curvature, cell).reduce((p, q) => p + q, 0)).toBeCloseTo(1, 9);
      expect(first).toBeLessThan(0.9);
    }
  });

  test("turned by a quarter the cloud keeps its curvatures and turns its normals; coordinates, Point-MAE's target, change", () => {
    const points = random(300);
    const turn = ([z, y, x]: Point): Point => [z, x, -y];
    const [before, after] = [points, points.map(turn)].map((p) => geometryTargets(config, cloud(p)));
    let compared = 0;
    for (let cell = 0; cell < L; cell++) {
      const [row, column] = [Math.floor(cell / 8), cell % 8];
      const turned = column * 8 + (7 - row);
      expect(after!.occupied.data[turned]).toBe(before!.occupied.data[cell]);
      if (before!.occupied.data[cell] !== 1) continue;
      compared++;
      const [k, l] = [rowOf(before!.curvature, cell), rowOf(after!.curvature, turned)];
      k.forEach((v, i) => {
        expect(l[i]).toBeCloseTo(v, 9);
      });
      if (k[1]! - k[2]! < 1e-3) continue; // no single normal
      const [z, y, x] = rowOf(before!.normal, cell) as [number, number, number];
      const along = rowOf(after!.normal, turned).reduce((sum, v, i) => sum + v * [z, x, -y][i]!, 0);
      expect(Math.abs(along)).toBeCloseTo(1, 6);
    }
    expect(compared).toBeGreaterThan(30);
    const coordinates = (p: readonly Point[]) => {
      const inputs = pointMae.prepare(
        pointMae.toy.config,
        { points: cloud(p.map(([z, y, x]): Point => [x, y, z])) },
        seededDraws(keyOf(1)),
        { step: 0, steps: 1 },
      );
      return inputs.neighborhoods!;
    };
    expect(distance(coordinates(points), coordinates(points.map(turn)))).toBeGreaterThan(0.01);
  });

  test("moved by one pillar the cloud has the same targets one pillar on", () => {
    const points = random(300).map(([z, y, x]): Point => [z, 0.8 * y, 0.75 * x - 0.1]);
    const moved = points.map(([z, y, x]): Point => [z, y, x + config.size[2]]);
    const [before, after] = [points, moved].map((p) => geometryTargets(config, cloud(p)));
    for (let cell = 0; cell < L; cell++) {
      if (cell % 8 === 7) continue;
      for (const [name, F] of [
        ["whole", 3],
        ["coarse", 48],
        ["fine", 192],
        ["curvature", 3],
      ] as const) {
        rowOf(after![name], cell + 1, F).forEach((v, i) => {
          expect(v).toBeCloseTo(rowOf(before![name], cell, F)[i]!, 6);
        });
      }
    }
  });
});

describe("GeoMAE", () => {
  test("a normal's sign does not matter; in the released loop it does", async () => {
    const { params } = once;
    const flipped = { ...once.inputs, normal: changed(once.inputs.normal!, (x) => -x) };
    const same = await evaluateOnce(geoMae, config, { params, inputs: flipped });
    expect(same.outputs["losses.normal"]!.data[0]).toBeCloseTo(once.outputs["losses.normal"]!.data[0]!, 12);
    const signed = { ...config, signed: true };
    const [a, b] = [once.inputs, flipped].map((inputs) => evaluateOnce(geoMae, signed, { params, inputs }));
    const [one, other] = [(await a!).outputs["losses.normal"]!, (await b!).outputs["losses.normal"]!];
    expect(Math.abs(one.data[0]! - other.data[0]!)).toBeGreaterThan(1e-3);
  });

  test("hides of each cloud's occupied pillars all but ⌊30 %⌋, and fills the lists up with empty ones", () => {
    const { inputs } = once;
    for (const n of [0, 1]) {
      const row = (name: string) => {
        const { shape, data } = inputs[name]!;
        return Array.from(data.subarray(n * shape[1]!, (n + 1) * shape[1]!));
      };
      const occupied = row("occupied");
      const O = occupied.reduce((a, b) => a + b, 0);
      expect(row("keptThere").reduce((a, b) => a + b, 0)).toBe(Math.floor(O * (1 - config.maskRatio)));
      const cells = [...row("idsKeep"), ...row("idsMask")];
      expect(cells.toSorted((a, b) => a - b)).toEqual(Array.from({ length: L }, (_, i) => i));
      const flags = [...row("keptThere"), ...row("hiddenThere")];
      cells.forEach((cell, i) => {
        expect(flags[i]).toBe(occupied[cell]);
      });
    }
  });

  test("nothing is asked of empty pillars: their targets do not matter, those of hidden ones do", async () => {
    const { inputs, params } = once;
    const other = (which: 0 | 1) => {
      const hidden = new Set<number>();
      inputs.idsMask!.data.forEach((cell, i) => {
        if (inputs.hiddenThere!.data[i] === which) hidden.add(Math.floor(i / inputs.idsMask!.shape[1]!) * L + cell);
      });
      const change = (name: string, F: number) =>
        changed(inputs[name]!, (x, i) => (hidden.has(Math.floor(i / F)) ? x + 0.3 : x));
      return { ...inputs, whole: change("whole", 3), normal: change("normal", 3), curvature: change("curvature", 3) };
    };
    const empty = await evaluateOnce(geoMae, config, { params, inputs: other(0) });
    const full = await evaluateOnce(geoMae, config, { params, inputs: other(1) });
    expect(empty.loss).toBeCloseTo(once.loss, 10);
    expect(Math.abs(full.loss - once.loss)).toBeGreaterThan(1e-2);
    for (const grad of Object.values(once.grads)) expect(norm(grad)).toBeGreaterThan(0);
  });

  test("the loss is the weighted sum of squared errors and cross-entropies, as added up one by one", () => {
    const { inputs, outputs } = once;
    const M = inputs.idsMask!.shape[1]!;
    let [sum, count] = [0, 0];
    for (let i = 0; i < 2 * M; i++) {
      if (inputs.hiddenThere!.data[i] !== 1) continue;
      const target = rowOf(inputs.normal!, Math.floor(i / M) * L + inputs.idsMask!.data[i]!);
      const pred = rowOf(outputs.normal!, i);
      const error = (sign: number) => pred.reduce((a, v, k) => a + (v - sign * target[k]!) ** 2, 0) / 3;
      sum += Math.min(error(1), error(-1));
      count++;
    }
    expect(outputs["losses.normal"]!.data[0]).toBeCloseTo((config.normalWeight * sum) / count, 9);
    const names = ["fine", "coarse", "whole", "fineOccupied", "coarseOccupied", "normal", "curvature"];
    expect(names.reduce((a, name) => a + outputs[`losses.${name}`]!.data[0]!, 0)).toBeCloseTo(once.loss, 9);
  });
});
