/**
 * What moved and how it looked on its way, as targets of cubes: MME, Sun et al. 2023, §3.2; XinyuSun/MME, engine.py. A cube has
 * 2 x 2 points, each followed for S frames. Values of a cube are ordered by feature, frame, row and column.
 */
import type { HostTensor } from "../method.ts";
import type { Trajectories } from "./trajectory.ts";

/** Steps are told as shares of the longest that is followed, in pixels. */
const LONGEST = 20;

/**
 * Position changes [N, t·hw, 2·S·4]. With `byPatch` the steps of a cube's four points, in each direction and frame, are brought
 * to mean 0 and deviation 1 (divided by 3), so that what the points share, such as a camera's turn, drops out; otherwise they are
 * divided by 20.
 */
export function positionChanges({ steps, grid }: Trajectories, [N, t, S]: Sizes, byPatch: boolean): HostTensor {
  const tokens = cubes(steps, [N, 2, t, S, ...grid]);
  const data = tokens.data.map((x) => x / LONGEST);
  for (let at = 0; byPatch && at < data.length; at += 4) {
    const four = data.subarray(at, at + 4);
    const mean = four.reduce((a, b) => a + b, 0) / 4;
    const deviation = Math.sqrt(four.reduce((a, b) => a + (b - mean) ** 2, 0) / 3);
    four.forEach((x, i) => {
      four[i] = (x - mean) / (deviation + 1e-6);
    });
  }
  return { shape: tokens.shape, data };
}

/**
 * Shape changes [N, t·hw, C·bins·S·4]: the histograms hogs [N, frames, C, bins, rows, columns] of the cells in which the points
 * are, frame by frame. The released loop follows steps that it has divided by 20 already, so that its points hardly leave their
 * cells; here they are followed in full, as the paper describes.
 */
export function shapeChanges(
  hogs: HostTensor,
  { places, grid }: Trajectories,
  [N, t, S]: Sizes,
  { starts, cell }: { readonly starts: readonly number[]; readonly cell: number },
): HostTensor {
  const [, frames, C, bins, rows, columns] = hogs.shape as [number, number, number, number, number, number];
  const [h, w] = grid;
  const F = C * bins;
  const out = new Float64Array(N * F * t * S * h * w);
  for (let i = 0; i < out.length; i++) {
    const point = i % (h * w);
    const s = Math.floor(i / (h * w)) % S;
    const k = Math.floor(i / (h * w * S)) % t;
    const f = Math.floor(i / (h * w * S * t)) % F;
    const n = Math.floor(i / (h * w * S * t * F));
    const place = (axis: 0 | 1) => Math.floor(places[(((n * 2 + axis) * t + k) * S + s) * h * w + point]! / cell);
    const frame = Math.min(frames - 1, starts[k]! + s);
    out[i] = hogs.data[(((n * frames + frame) * F + f) * rows + place(1)) * columns + place(0)]!;
  }
  return cubes(out, [N, F, t, S, h, w]);
}

/** 1 for a cube of which at least one point stayed in the picture, as the released loop has it: [N, t·hw]. */
export function movesInside({ inside, grid: [h, w] }: Trajectories, N: number): HostTensor {
  const t = inside.length / (N * h * w);
  const four = cubes(inside, [N, 1, t, 1, h, w]); // [N, t·hw, 4]
  const L = four.shape[1]!;
  const data = Float64Array.from({ length: N * L }, (_, i) => Math.max(...four.data.subarray(4 * i, 4 * i + 4)));
  return { shape: [N, L], data };
}

/** Examples, starts and frames that a point is followed for. */
export type Sizes = readonly [N: number, t: number, S: number];

/** Points two by two: [N, F, t, S, 2h, 2w] -> [N, t·hw, F·S·4]. */
function cubes(x: ArrayLike<number>, [N, F, t, S, H, W]: readonly [number, number, number, number, number, number]) {
  const [h, w] = [H / 2, W / 2];
  const data = new Float64Array(N * t * h * w * F * S * 4);
  let at = 0;
  for (let n = 0; n < N; n++) {
    for (let token = 0; token < t * h * w; token++) {
      const [k, i, j] = [Math.floor(token / (h * w)), Math.floor(token / w) % h, token % w];
      for (let f = 0; f < F; f++) {
        for (let s = 0; s < S; s++) {
          const from = (((n * F + f) * t + k) * S + s) * H * W;
          for (const [y, z] of [
            [0, 0],
            [0, 1],
            [1, 0],
            [1, 1],
          ] as const) {
            data[at++] = x[from + (2 * i + y) * W + 2 * j + z]!;
          }
        }
      }
    }
  }
  return { shape: [N, t * h * w, F * S * 4], data };
}
