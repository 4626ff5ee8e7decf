import { cos, sin } from "./exactMath.ts";
import type { Generator } from "./random.ts";

/** Turn about the upright axis, then a tilt of up to half a radian about a random flat axis: a 3 × 3 matrix by rows. */
export function rotation(random: Generator, angle: number): number[] {
  const [c, s] = [cos(angle), sin(angle)];
  const heading = random.range(0, 2 * Math.PI);
  const [x, y] = [cos(heading), sin(heading)];
  const tilt = random.range(0, 0.5);
  const [k, q] = [cos(tilt), sin(tilt)];
  const lean = [
    k + x * x * (1 - k),
    x * y * (1 - k),
    y * q,
    x * y * (1 - k),
    k + y * y * (1 - k),
    -x * q,
    -y * q,
    x * q,
    k,
  ];
  return [0, 1, 2].flatMap((row) => {
    const [a, b, d] = [lean[3 * row]!, lean[3 * row + 1]!, lean[3 * row + 2]!];
    return [a * c + b * s, b * c - a * s, d];
  });
}

/** Points [n, 3] turned, moved to mean 0 and scaled so that the farthest lies at distance 1, as point-cloud benchmarks do. */
export function posed(points: ArrayLike<number>, turn: readonly number[]): Float32Array {
  const n = points.length / 3;
  const out = Float32Array.from({ length: 3 * n }, (_, at) => {
    const [i, a] = [at - (at % 3), at % 3];
    return turn[3 * a]! * points[i]! + turn[3 * a + 1]! * points[i + 1]! + turn[3 * a + 2]! * points[i + 2]!;
  });
  const mean = [0, 0, 0];
  for (let at = 0; at < 3 * n; at++) mean[at % 3]! += out[at]! / n;
  let farthest = 0;
  for (let at = 0; at < 3 * n; at++) out[at]! -= mean[at % 3]!;
  for (let i = 0; i < 3 * n; i += 3) farthest = Math.max(farthest, out[i]! ** 2 + out[i + 1]! ** 2 + out[i + 2]! ** 2);
  const scale = farthest > 0 ? 1 / Math.sqrt(farthest) : 0;
  return out.map((v) => v * scale);
}
