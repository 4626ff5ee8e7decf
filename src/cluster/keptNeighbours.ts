import { condensedIndex } from "./cophenet.ts";
import { countShared } from "./countShared.ts";

/**
 * How far a layout keeps neighbourhoods: the mean share of each document's k nearest that are also among its k nearest
 * on the plane, in [0, 1].
 *
 * @param D condensed distances, n(n - 1)/2
 */
export function keptNeighbours(D: Float64Array, places: readonly { x: number; y: number }[], k: number): number {
  const n = places.length;
  const nearest = (i: number, distance: (j: number) => number): Set<number> =>
    new Set(
      Array.from({ length: n }, (_, j) => j)
        .filter((j) => j !== i)
        .sort((a, b) => distance(a) - distance(b) || a - b)
        .slice(0, k),
    );
  let kept = 0;
  places.forEach((place, i) => {
    const inText = nearest(i, (j) => D[condensedIndex(n, i, j)]!);
    const onPlane = nearest(i, (j) => (places[j]!.x - place.x) ** 2 + (places[j]!.y - place.y) ** 2);
    kept += countShared(inText, onPlane);
  });
  return kept / (n * k);
}
