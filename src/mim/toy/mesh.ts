/**
 * The subject's surface as a closed triangle mesh, FACES triangles whatever the outline: a flat face below and the cushion
 * above meet at the rim. Loops of vertices follow the outline; those of an outline without a hole end in two poles (a
 * sphere), those of a ring come back to themselves through the hole (a torus). The pattern stands out in relief.
 */

import type { Dense } from "./dense.ts";
import { cos, sin } from "./exactMath.ts";
import { patternOf } from "./pattern.ts";
import { RELIEF, THICKNESS } from "./points.ts";
import { posed, rotation } from "./pose.ts";
import { fold, generator } from "./random.ts";
import type { Scene } from "./scene.ts";
import { OUTER_RADIUS, type Outline, SHAPES } from "./shape.ts";
import { cushion } from "./surface.ts";

export interface Mesh {
  /** [V, 3] in the subject's unit frame: x right, y down, z to the viewer. */
  readonly vertices: Float64Array;
  /** [FACES, 3], vertex indices a, b, c with (b - a) × (c - a) pointing out of the solid. */
  readonly faces: Int32Array;
}

/** Triangles of every mesh: (4 · rows - 2) · spokes of a sphere, 4 · rows · spokes of a torus. */
export const FACES = 504;
const SPHERE = { rows: 5, spokes: 28 };
const TORUS = { rows: 6, spokes: 21 };

export function renderMesh(scene: Scene): Mesh {
  const subject = scene.objects[0]!;
  const outline: Outline = SHAPES[subject.shape];
  const pattern = patternOf(subject, 0.02 * subject.radius);
  const hollow = outline(0, 0) > 0;
  const { rows, spokes } = hollow ? TORUS : SPHERE;
  // Over the top from the inside to the rim, back below: loops of a torus are 0 … rows … 1, of a sphere without the 0.
  const shares = [
    ...Array.from({ length: rows + 1 }, (_, k) => k / rows),
    ...Array.from({ length: rows - 1 }, (_, k) => (rows - 1 - k) / rows),
  ].slice(hollow ? 0 : 1);
  const vertices: number[] = [];
  const put = (radius: number, angle: number, below: boolean) => {
    const [u, v] = [radius * cos(angle), radius * sin(angle)];
    const height = below ? 0 : cushion(outline(u, v));
    vertices.push(u, v, height * (THICKNESS + RELIEF * pattern(u, v)));
  };
  shares.forEach((share, loop) => {
    for (let spoke = 0; spoke < spokes; spoke++) {
      const angle = (2 * Math.PI * spoke) / spokes;
      const [inner, outer] = rims(outline, angle, hollow);
      put(inner + (outer - inner) * share, angle, loop >= (hollow ? rows + 1 : rows));
    }
  });
  if (!hollow) {
    put(0, 0, false);
    put(0, 0, true);
  }
  return { vertices: Float64Array.from(vertices), faces: facesOf(shares.length, spokes, hollow) };
}

/** The mesh's triangles in the pose of the subject's point cloud: [FACES, 3 corners, 3], inside the unit ball. */
export function renderTriangles(scene: Scene): Dense {
  const { vertices, faces } = renderMesh(scene);
  const turn = rotation(generator(fold(scene.key, "points")), scene.objects[0]!.angle);
  const placed = posed(vertices, turn);
  const data = new Float32Array(9 * FACES);
  faces.forEach((vertex, corner) => {
    data.set(placed.subarray(3 * vertex, 3 * vertex + 3), 3 * corner);
  });
  return { data, shape: [FACES, 3, 3] };
}

/** Radii between which a spoke runs inside the outline. */
function rims(outline: Outline, angle: number, hollow: boolean): [number, number] {
  const inside = (radius: number) => outline(radius * cos(angle), radius * sin(angle)) < 0;
  const crossing = (within: number, without: number) => {
    for (let halving = 0; halving < 48; halving++) {
      const middle = (within + without) / 2;
      if (inside(middle)) within = middle;
      else without = middle;
    }
    return within;
  };
  if (!hollow) return [0, crossing(0, OUTER_RADIUS)];
  let between = 0;
  while (!inside(between)) between += 0.05;
  return [crossing(between, 0), crossing(between, OUTER_RADIUS)];
}

function facesOf(loops: number, spokes: number, closed: boolean): Int32Array {
  const faces: number[] = [];
  const at = (loop: number, spoke: number) => (loop % loops) * spokes + (spoke % spokes);
  const [top, bottom] = [loops * spokes, loops * spokes + 1];
  for (let spoke = 0; spoke < spokes; spoke++) {
    if (!closed) faces.push(top, at(0, spoke), at(0, spoke + 1));
    for (let loop = 0; loop < (closed ? loops : loops - 1); loop++) {
      const [a, b, c, d] = [at(loop, spoke), at(loop + 1, spoke), at(loop + 1, spoke + 1), at(loop, spoke + 1)];
      faces.push(a, b, c, a, c, d);
    }
    if (!closed) faces.push(at(loops - 1, spoke), bottom, at(loops - 1, spoke + 1));
  }
  return Int32Array.from(faces);
}
