/** Motion targets on flow and pictures whose answer is known. */
import { describe, expect, test } from "vitest";
import { interpolatedHog } from "../../../src/mim/target/interpolatedHog.ts";
import { movesInside, positionChanges } from "../../../src/mim/target/motion.ts";
import { trajectories } from "../../../src/mim/target/trajectory.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";

describe("interpolated histograms of gradients", () => {
  const [H, cell, bins] = [12, 4, 9];
  const picture = (f: (x: number, y: number) => number) => ({
    shape: [1, 1, H, H],
    data: Float64Array.from({ length: H * H }, (_, i) => f(i % H, Math.floor(i / H))),
  });
  const middleCell = (f: (x: number, y: number) => number) => {
    const { data } = interpolatedHog(picture(f), { bins, cell, unitLength: false });
    return Array.from({ length: bins }, (_, b) => data[b * 9 + 4]!);
  };

  test("a slope in one direction fills the two orientations around it, in proportion to the angle", () => {
    for (const degrees of [13, 47, 95, 171]) {
      const [a, b] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      const expected = new Array<number>(bins).fill(0);
      const place = degrees / 20; // 180 degrees over 9 bins
      expected[Math.floor(place)] = 8 * (Math.ceil(place) - place); // a step of 1 a pixel has a Sobel gradient of 8
      expected[Math.ceil(place) % bins]! += 8 * (place - Math.floor(place));
      middleCell((x, y) => a * x + b * y).forEach((found, i) => {
        expect(found).toBeCloseTo(expected[i]!, 9);
      });
      middleCell((x, y) => -a * x - b * y).forEach((found, i) => {
        expect(found).toBeCloseTo(expected[i]!, 9); // half a turn is no difference
      });
    }
  });

  test("without edges it is empty; a histogram of unit length has unit length", () => {
    expect(middleCell(() => 3)).toEqual(new Array(bins).fill(0));
    const noise = normals(keyOf(1), H * H);
    const { data } = interpolatedHog(
      picture((x, y) => noise[y * H + x]!),
      { bins, cell, unitLength: true },
    );
    for (let c = 0; c < 9; c++) {
      expect(Math.hypot(...Array.from({ length: bins }, (_, b) => data[b * 9 + c]!))).toBeCloseTo(1, 6);
    }
  });
});

describe("trajectories", () => {
  const [F, H, W, cell] = [5, 16, 16, 4];
  const field = (f: (axis: number, t: number, y: number, x: number) => number) => ({
    shape: [1, 2, F, H, W],
    data: Float64Array.from({ length: 2 * F * H * W }, (_, i) =>
      f(Math.floor(i / (F * H * W)), Math.floor(i / (H * W)) % F, Math.floor(i / W) % H, i % W),
    ),
  });
  const options = { starts: [0], length: 4, cell, wholePixels: false };

  test("each step is the flow where the point is by then, as walked point by point", () => {
    const flow = field((axis, t, y, x) => Math.sin(axis + 0.7 * t + 0.3 * y + 0.2 * x));
    const { steps, places } = trajectories(flow, options);
    for (let point = 0; point < 16; point++) {
      let [x, y] = [(point % 4) * 4 + 2, Math.floor(point / 4) * 4 + 2];
      for (let s = 0; s < 4; s++) {
        expect(places[s * 16 + point]).toBe(x);
        expect(places[(4 + s) * 16 + point]).toBe(y);
        const [dx, dy] = [0, 1].map((axis) => flow.data[((axis * F + s) * H + Math.floor(y)) * W + Math.floor(x)]!);
        expect(steps[s * 16 + point]).toBe(dx);
        expect(steps[(4 + s) * 16 + point]).toBe(dy);
        [x, y] = [Math.min(15, Math.max(0, x + dx!)), Math.min(15, Math.max(0, y + dy!))];
      }
    }
  });

  test("a point that leaves the picture is marked, and a cube counts while one of its points stays", () => {
    const made = trajectories(
      field((axis) => (axis === 0 ? 3 : 0)),
      options,
    );
    // 2, 6, 10, 14 in steps of 3: the third column is at 10 + 9 = 19 before its last step, the fourth earlier
    expect(Array.from(made.inside.subarray(0, 4))).toEqual([1, 1, 0, 0]);
    expect(Array.from(movesInside(made, 1).data)).toEqual([1, 0, 1, 0]);
  });

  test("what all points of a cube share drops out when steps are normalised cube by cube", () => {
    const turn = (shared: number) => field((axis, _, y, x) => shared + 0.1 * (axis === 0 ? y : x));
    const target = (shared: number, byPatch: boolean) =>
      positionChanges(trajectories(turn(shared), { ...options, length: 1 }), [1, 1, 1], byPatch).data;
    expect(Math.max(...target(0, true).map((v, i) => Math.abs(v - target(1, true)[i]!)))).toBeLessThan(1e-4);
    target(1, false).forEach((v, i) => {
      expect(v - target(0, false)[i]!).toBeCloseTo(1 / 20, 12);
    });
    const four = Array.from(target(0, true).subarray(0, 4));
    expect(four.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 8);
    expect(four.reduce((a, b) => a + b * b, 0) / 3).toBeCloseTo(1, 3);
  });
});
