/**
 * The subject as a point cloud: its surface scanned from all round, the pattern in relief, tilted at random, centred and
 * brought into the unit ball as point-cloud benchmarks do. The class can be read from it.
 */
import type { Dense } from "./dense.ts";
import { patternOf } from "./pattern.ts";
import { posed, rotation } from "./pose.ts";
import { fold, generator } from "./random.ts";
import type { Scene } from "./scene.ts";
import { OUTER_RADIUS, SHAPES } from "./shape.ts";
import { cushion } from "./surface.ts";

/** Thickness of the cushion and height of the relief on it, in its unit frame (area 2). */
export const THICKNESS = 0.5;
export const RELIEF = 0.12;

/** [count, 3], centred, the farthest point at distance 1. Two of three points lie on the patterned face. */
export function renderPoints(scene: Scene, count: number): Dense {
  if (!(Number.isInteger(count) && count > 0)) throw new RangeError(`points: expected at least 1, found ${count}`);
  const subject = scene.objects[0]!;
  const random = generator(fold(scene.key, "points"));
  const outline = SHAPES[subject.shape];
  const pattern = patternOf(subject, 0.02 * subject.radius);
  const turn = rotation(random, subject.angle);
  const points = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    let [u, v, d] = [0, 0, 1];
    while (d >= 0) {
      [u, v] = [random.range(-OUTER_RADIUS, OUTER_RADIUS), random.range(-OUTER_RADIUS, OUTER_RADIUS)];
      d = outline(u, v);
    }
    const z = i % 3 === 2 ? 0 : cushion(d) * (THICKNESS + RELIEF * pattern(u, v));
    points.set([u, v, z], 3 * i);
  }
  return { data: posed(points, turn), shape: [count, 3] };
}
