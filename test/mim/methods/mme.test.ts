import { beforeAll, describe, expect, test } from "vitest";
import type { HostTensor } from "../../../src/mim/method.ts";
import { type MmeConfig, mme, motionTargets } from "../../../src/mim/methods/mme.ts";
import { videoMae } from "../../../src/mim/methods/videoMae.ts";
import { start } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const config: MmeConfig = { ...mme.toy.config, ...TINY, patchNormalized: false, headHidden: 16 };
const [S, SPEED] = [4, 4];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(mme, config, { n: 2, trained: ["decoder.0.head.0.0.weight", "decoder.0.head.1.0.weight"] });
});

const SIDE = 48;
const wide = { ...config, imageSize: [SIDE, SIDE] as const, patchSize: 8 };
const big = 20; // side of the moving square, at column 4 and row 8 of the first frame

/** A square of noise that moves 4 pixels to the right a frame before still noise; `backward` shows it in reverse. */
function movingSquare(backward: boolean): { videos: HostTensor; flow: HostTensor } {
  const [square, ground] = [normals(keyOf(1), big * big), normals(keyOf(2), SIDE * SIDE)];
  const T = 8;
  const at = (t: number, y: number, x: number) => {
    const [i, j] = [y - 8, x - 4 - SPEED * (t % T)];
    return i >= 0 && i < big && j >= 0 && j < big ? i * big + j : -1;
  };
  const time = (t: number) => (backward ? 3 - t : t); // of the first four frames
  const videos = Float64Array.from({ length: 3 * T * SIDE * SIDE }, (_, k) => {
    const [t, y, x] = [Math.floor(k / SIDE ** 2) % T, Math.floor(k / SIDE) % SIDE, k % SIDE];
    const inSquare = t < 4 ? at(time(t), y, x) : -1;
    return inSquare >= 0 ? square[inSquare]! : ground[y * SIDE + x]!;
  });
  const flow = Float64Array.from({ length: 2 * (T - 1) * SIDE * SIDE }, (_, k) => {
    const [axis, t] = [Math.floor(k / ((T - 1) * SIDE ** 2)), Math.floor(k / SIDE ** 2) % (T - 1)];
    const [y, x] = [Math.floor(k / SIDE) % SIDE, k % SIDE];
    return axis === 0 && t < 4 && at(time(t), y, x) >= 0 ? (backward ? -SPEED : SPEED) : 0;
  });
  return {
    videos: { shape: [1, 3, T, SIDE, SIDE], data: videos },
    flow: { shape: [1, 2, T - 1, SIDE, SIDE], data: flow },
  };
}

/** T_s of a token's point, one histogram a frame. */
const shapesOf = (shapes: HostTensor, token: number, point: number): number[][] =>
  Array.from({ length: S }, (_, s) =>
    Array.from({ length: 27 }, (_, f) => shapes.data[((token * 27 + f) * S + s) * 4 + point]!),
  );
const apart = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));

describe("MME", () => {
  const forward = () => {
    const { videos, flow } = movingSquare(false);
    return motionTargets(wide, videos, flow);
  };
  // Token 13 covers rows 16 to 24, columns 8 to 16: all of it inside the square of rows 8 to 28, columns 4 to 24.
  const [onSquare, onGround] = [13, 35];

  test("a point's steps are what moved there, nothing where nothing moved", () => {
    const { steps } = forward();
    const of = (token: number, axis: number) =>
      Array.from({ length: 4 * S }, (_, i) => steps!.data[token * 8 * S + axis * 4 * S + i]! * 20);
    expect(of(onSquare, 0)).toEqual(new Array(4 * S).fill(SPEED));
    expect(of(onSquare, 1)).toEqual(new Array(4 * S).fill(0));
    expect(of(onGround, 0)).toEqual(new Array(4 * S).fill(0));
  });

  test("shown backward, the steps are the opposite", () => {
    const { videos, flow } = movingSquare(true);
    const { steps } = motionTargets(wide, videos, flow);
    // Where the square is at the end of its way: 12 columns to the right, from 16 to 36; token 15 is inside.
    const first = Array.from({ length: 4 }, (_, i) => steps!.data[15 * 8 * S + i]! * 20);
    expect(first).toEqual(new Array(4).fill(-SPEED));
  });

  test("histograms follow the object: the same in every frame, whereas those of the same place change", () => {
    const { shapes } = forward();
    const along = shapesOf(shapes!, onSquare, 0);
    for (const frame of along) expect(apart(frame, along[0]!)).toBeLessThan(1e-12);
    const { videos, flow } = movingSquare(false);
    const still = motionTargets(
      wide,
      videos,
      changed(flow, () => 0),
    ).shapes!;
    const fixed = shapesOf(still, onSquare, 0);
    expect(apart(fixed[0]!, along[0]!)).toBeLessThan(1e-12);
    expect(Math.max(...fixed.map((frame) => apart(frame, fixed[0]!)))).toBeGreaterThan(0.05);
  });

  test("the target knows frames that the network does not see; VideoMAE's knows none but those", async () => {
    const between = (x: HostTensor) => changed(x, (v, i) => (Math.floor(i / 256) % 8 === 1 ? 0.5 * v : v));
    const { params } = once;
    const batch = { ...once.batch, videos: between(once.batch.videos!) };
    const other = await evaluateOnce(mme, config, { n: 2, batch, params });
    expect(distance(other.inputs.videos, once.inputs.videos)).toBe(0);
    expect(distance(other.outputs.predShapes, once.outputs.predShapes)).toBeLessThan(1e-12);
    expect(Math.abs(other.loss - once.loss)).toBeGreaterThan(1e-4);
    const pixels = { ...videoMae.toy.config, ...TINY, frames: 4 };
    const seen = async (run: OnceResult) =>
      (await evaluateOnce(videoMae, pixels, { batch: { videos: run.inputs.videos! } })).loss;
    expect(await seen(other)).toBe(await seen(once));
  });

  test("the loss is half of 32 mean squared steps, of cubes with a point inside, and half of weighted squared shapes", () => {
    const { inputs, outputs } = once;
    const [N, M] = inputs.idsMask!.shape as [number, number];
    const L = inputs.mask!.shape[1]!;
    let [steps, shapes] = [0, 0];
    for (let row = 0; row < N * M; row++) {
      const token = Math.floor(row / M) * L + inputs.idsMask!.data[row]!;
      const squared = (pred: HostTensor, target: HostTensor) => {
        const F = pred.shape[2]!;
        return Array.from({ length: F }, (_, f) => (pred.data[row * F + f]! - target.data[token * F + f]!) ** 2);
      };
      const z = squared(outputs.predSteps!, inputs.steps!);
      steps += (32 * inputs.inside!.data[token]! * z.reduce((a, b) => a + b, 0)) / z.length;
      squared(outputs.predShapes!, inputs.shapes!).forEach((e, i) => {
        shapes += (e * (Math.floor(i / 4) % S === 0 ? 1 : 0.1)) / S;
      });
    }
    expect(outputs.lossSteps!.data[0]).toBeCloseTo(steps / (N * M), 9);
    expect(outputs.lossShapes!.data[0]).toBeCloseTo(shapes / (N * M), 9);
    expect(once.loss).toBeCloseTo((steps + shapes) / (2 * N * M), 9);
    for (const grad of Object.values(once.grads)) expect(norm(grad)).toBeGreaterThan(0);
  });
});
