/**
 * Flat outlines as signed distances in a unit frame: negative inside, positive outside. All have area 2, whatever the
 * shape, so size tells nothing about it, and all rays from the middle leave them once. Distances are exact for disc, ring and
 * polygons (nearest edge), and a lower bound of them for the dome.
 */
import { cos, sin } from "./exactMath.ts";

/** Signed distance at (x, y) in the unit frame. */
export type Outline = (x: number, y: number) => number;

const AREA = 2;
/** Vertices [x0, y0, x1, y1, …]; the scale does not matter. */
const ARROW = [-1, -0.35, -0.05, -0.35, -0.05, -0.9, 1, 0, -0.05, 0.9, -0.05, 0.35, -1, 0.35];
const HOURGLASS = [-1, -0.85, 0, -0.25, 1, -0.85, 1, 0.85, 0, 0.25, -1, 0.85];
const BAR = [-1, -0.4, 1, -0.4, 1, 0.4, -1, 0.4];
const SQUARE = [-1, -1, 1, -1, 1, 1, -1, 1];

/** The ten outlines of the toy world: its classes. */
export const SHAPES = {
  disc: disc(),
  triangle: polygon(regular(3, 1)),
  cross: polygon(crossVertices(0.36)),
  star: polygon(starVertices(5, 0.42)),
  ring: ring(0.5),
  square: polygon(SQUARE),
  arrow: polygon(ARROW),
  hourglass: polygon(HOURGLASS),
  bar: polygon(BAR),
  dome: dome(),
} as const satisfies Record<string, Outline>;

/** An outline's name. */
export type ShapeName = keyof typeof SHAPES;

/** All outline names, in label order. */
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** Radius of a circle round the origin that holds every outline. */
export const OUTER_RADIUS = 1.4;

function disc(): Outline {
  const radius = Math.sqrt(AREA / Math.PI);
  return (x, y) => Math.sqrt(x * x + y * y) - radius;
}

/** The upper half of a disc, its middle between chord and top. */
function dome(): Outline {
  const radius = Math.sqrt((2 * AREA) / Math.PI);
  return (x, y) => {
    const down = y - radius / 2;
    return Math.max(Math.sqrt(x * x + down * down) - radius, down);
  };
}

/** A ring whose hole has `hole` times the outer radius. */
function ring(hole: number): Outline {
  const outer = Math.sqrt(AREA / (Math.PI * (1 - hole * hole)));
  const middle = (outer * (1 + hole)) / 2;
  const half = (outer * (1 - hole)) / 2;
  return (x, y) => Math.abs(Math.sqrt(x * x + y * y) - middle) - half;
}

/** Signed distance to a simple polygon, vertices [x0, y0, x1, y1, …] scaled to the common area. */
function polygon(vertices: number[]): Outline {
  const n = vertices.length / 2;
  const at = (i: number) => vertices[i % vertices.length] as number;
  let twiceArea = 0;
  for (let i = 0; i < n; i++) twiceArea += at(2 * i) * at(2 * i + 3) - at(2 * i + 2) * at(2 * i + 1);
  const scale = Math.sqrt(AREA / Math.abs(twiceArea / 2));
  // One edge: start, direction, 1 / squared length.
  const edges = new Float64Array(n * 5);
  for (let i = 0; i < n; i++) {
    const dx = (at(2 * i + 2) - at(2 * i)) * scale;
    const dy = (at(2 * i + 3) - at(2 * i + 1)) * scale;
    edges.set([at(2 * i) * scale, at(2 * i + 1) * scale, dx, dy, 1 / (dx * dx + dy * dy)], i * 5);
  }
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    for (let e = 0; e < edges.length; e += 5) {
      const dx = edges[e + 2] as number;
      const dy = edges[e + 3] as number;
      const px = x - (edges[e] as number);
      const py = y - (edges[e + 1] as number);
      let t = (px * dx + py * dy) * (edges[e + 4] as number);
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const qx = px - t * dx;
      const qy = py - t * dy;
      const squared = qx * qx + qy * qy;
      if (squared < nearest) nearest = squared;
      if (py >= 0 !== py - dy >= 0 && px < (py / dy) * dx) inside = !inside; // even-odd rule
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

function regular(corners: number, radius: number): number[] {
  return Array.from({ length: corners }, (_, k) => {
    const angle = (2 * Math.PI * k) / corners - Math.PI / 2;
    return [radius * cos(angle), radius * sin(angle)];
  }).flat();
}

function starVertices(points: number, inner: number): number[] {
  const tips = regular(2 * points, 1);
  return tips.map((v, i) => (Math.floor(i / 2) % 2 === 0 ? v : v * inner));
}

/** A plus sign with arms of length 1 and half-width w. */
function crossVertices(w: number): number[] {
  return [w, -1, w, -w, 1, -w, 1, w, w, w, w, 1, -w, 1, -w, w, -1, w, -1, -w, -w, -w, -w, -1];
}
