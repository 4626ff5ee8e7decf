/**
 * The subject as a point cloud: its surface scanned from all round, the pattern in relief, tilted at random, centred and
 * brought into the unit ball as point-cloud benchmarks do. The class can be read from it: outline and pattern family.
 */
import { type Dense, zeros } from "./dense.ts";
import { cos, sin } from "./exactMath.ts";
import { fold, type Generator, generator } from "./random.ts";
import type { Scene } from "./scene.ts";
import { OUTER_RADIUS, SHAPES } from "./shape.ts";
import { cushion } from "./surface.ts";
import { TEXTURES } from "./texture.ts";

/** Thickness of the cushion and height of the relief, in its unit frame (area 2). */
const THICKNESS = 0.5;
const RELIEF = 0.12;

/** [count, 3], centred, the farthest point at distance 1. Two of three points lie on the patterned face. */
export function renderPoints(scene: Scene, count: number): Dense {
  if (!(Number.isInteger(count) && count > 0)) throw new RangeError(`points: expected at least 1, found ${count}`);
  const subject = scene.objects[0]!;
  const random = generator(fold(scene.key, "points"));
  const outline = SHAPES[subject.shape];
  const texture = TEXTURES[subject.texture];
  const grain = subject.radius / subject.period; // periods to a unit
  const [gc, gs] = [grain * cos(subject.textureAngle), grain * sin(subject.textureAngle)];
  const turn = rotation(random, subject.angle);
  const points = zeros([count, 3]);
  for (let i = 0; i < count; i++) {
    let [u, v, d] = [0, 0, 1];
    while (d >= 0) {
      [u, v] = [random.range(-OUTER_RADIUS, OUTER_RADIUS), random.range(-OUTER_RADIUS, OUTER_RADIUS)];
      d = outline(u, v);
    }
    const share = texture(u * gc + v * gs + subject.phase[0], v * gc - u * gs + subject.phase[1], 0.02);
    const z = i % 3 === 2 ? 0 : THICKNESS * cushion(d) * (1 + (RELIEF / THICKNESS) * share);
    for (let a = 0; a < 3; a++) {
      points.data[3 * i + a] = turn[3 * a]! * u + turn[3 * a + 1]! * v + turn[3 * a + 2]! * z;
    }
  }
  return unitBall(points);
}

/** Turn about the upright axis, then a tilt of up to half a radian about a random flat axis: a 3 x 3 matrix by rows. */
function rotation(random: Generator, angle: number): number[] {
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

function unitBall(points: Dense): Dense {
  const n = points.shape[0]!;
  const { data } = points;
  for (let a = 0; a < 3; a++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += data[3 * i + a]! / n;
    for (let i = 0; i < n; i++) data[3 * i + a]! -= mean;
  }
  let farthest = 0;
  for (let i = 0; i < n; i++)
    farthest = Math.max(farthest, Math.hypot(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!));
  if (farthest > 0) for (let i = 0; i < 3 * n; i++) data[i]! /= farthest;
  return points;
}
