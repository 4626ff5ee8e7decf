import { UMAP } from "umap-js";
import { condensedIndex } from "./cophenet.ts";

export interface UmapOptions {
  /** Neighbours whose distances the layout tries to keep. */
  readonly neighbours: number;
  /** Least distance between points, in the layout's units. */
  readonly minDistance: number;
  readonly random: () => number;
}

/**
 * Places on a plane: UMAP (McInnes, Healy and Melville 2018) by umap-js, from exact nearest neighbours. Axes have no
 * meaning; the places are moved and scaled, alike in both directions, into the unit square.
 *
 * @param D condensed distances, n(n - 1)/2
 * @returns [n] places
 */
export function umapLayout(D: Float64Array, n: number, options: UmapOptions): { x: number; y: number }[] {
  if (n < 4) return Array.from({ length: n }, (_, i) => ({ x: (i + 0.5) / n, y: 0.5 }));
  const k = Math.min(options.neighbours, n - 2); // umap-js wants more points than neighbours, the point itself included
  const near = Array.from({ length: n }, (_, i) => {
    const distance = (j: number) => (i === j ? -1 : D[condensedIndex(n, i, j)]!); // the point itself comes first
    const order = Array.from({ length: n }, (_, j) => j).sort((a, b) => distance(a) - distance(b) || a - b);
    return order.slice(0, k + 1).map((j) => ({ j, distance: Math.max(0, distance(j)) }));
  });
  const umap = new UMAP({ nComponents: 2, nNeighbors: k + 1, minDist: options.minDistance, random: options.random });
  umap.setPrecomputedKNN(
    near.map((row) => row.map(({ j }) => j)),
    near.map((row) => row.map(({ distance }) => distance)),
  );
  return intoUnitSquare(umap.fit(near.map((_, i) => [i])));
}

function intoUnitSquare(places: readonly number[][]): { x: number; y: number }[] {
  const range = [0, 1].map((axis) => {
    const along = places.map((place) => place[axis]!);
    return { low: Math.min(...along), high: Math.max(...along) };
  });
  const scale = Math.max(...range.map(({ low, high }) => high - low)) || 1;
  const [x, y] = range.map(
    ({ low, high }) =>
      (place: number) =>
        0.5 + (place - (low + high) / 2) / scale,
  );
  return places.map((place) => ({ x: x!(place[0]!), y: y!(place[1]!) }));
}
