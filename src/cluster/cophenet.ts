import { leavesList } from "./leavesList.ts";
import type { Merge } from "./merge.ts";

/** Condensed cophenetic distances: the height at which two leaves first meet. SciPy's cophenet(Z). */
export function cophenet(Z: readonly Merge[]): Float64Array {
  const n = Z.length + 1;
  const D = new Float64Array((n * (n - 1)) / 2);
  const leaves = leavesList(Z);
  const first = new Int32Array(2 * n - 1); // where a node's leaves start in `leaves`
  leaves.forEach((leaf, at) => {
    first[leaf] = at;
  });
  const sizeOf = (id: number): number => (id < n ? 1 : Z[id - n]![3]);
  Z.forEach(([i, j, height, size], row) => {
    first[n + row] = first[i]!;
    const middle = first[i]! + sizeOf(i);
    for (let a = first[i]!; a < middle; a++) {
      for (let b = first[j]!; b < first[i]! + size; b++) D[condensedIndex(n, leaves[a]!, leaves[b]!)] = height;
    }
  });
  return D;
}

/** Place of the pair {i, j}, i ≠ j, in a condensed vector of n observations. */
export function condensedIndex(n: number, i: number, j: number): number {
  const low = Math.min(i, j);
  return n * low - (low * (low + 1)) / 2 + Math.max(i, j) - low - 1;
}
