import type { Merge } from "./merge.ts";

/**
 * [n] at place k - 1 the sum of squared distances to the cluster means when a Ward tree is cut into k clusters. A Ward
 * merge at height h adds h²/2 to it (Ward 1963; heights as SciPy gives them), so the merges alone tell it.
 */
export function withinSumOfSquares(Z: readonly Merge[]): Float64Array {
  const n = Z.length + 1;
  const within = new Float64Array(n);
  Z.forEach(([, , height], step) => {
    within[n - 2 - step] = within[n - 1 - step]! + (height * height) / 2;
  });
  return within;
}
