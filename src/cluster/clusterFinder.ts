import { leavesList } from "./leavesList.ts";
import type { Merge } from "./merge.ts";

/**
 * Prepares to look a tree's clusters up in other trees over the same leaves. The function returned adds 1 to counts[s]
 * for each merge s of the first tree whose leaves make up a cluster of the other, in O(n): with leaves numbered by
 * their place in the first tree, its clusters are runs of numbers (Day 1985, Optimal algorithms for comparing trees
 * with labeled leaves).
 */
export function clusterFinder(Z: readonly Merge[]): (other: readonly Merge[], counts: Uint32Array) => void {
  const n = Z.length + 1;
  const place = new Int32Array(n);
  leavesList(Z).forEach((leaf, at) => {
    place[leaf] = at;
  });
  const mergeOfRun = new Map<number, number>(); // first place · n + last place -> merge
  const bounds = runs(Z, place);
  for (let s = 0; s < n - 1; s++) mergeOfRun.set(bounds.first[n + s]! * n + bounds.last[n + s]!, s);
  return (other, counts) => {
    const { first, last } = runs(other, place);
    other.forEach(([, , , size], s) => {
      const [from, to] = [first[n + s]!, last[n + s]!];
      if (to - from + 1 !== size) return;
      const found = mergeOfRun.get(from * n + to);
      if (found !== undefined) counts[found]!++;
    });
  };
}

/** Least and greatest place of the leaves of each node. */
function runs(Z: readonly Merge[], place: Int32Array): { first: Int32Array; last: Int32Array } {
  const n = Z.length + 1;
  const first = new Int32Array(2 * n - 1);
  const last = new Int32Array(2 * n - 1);
  first.set(place);
  last.set(place);
  Z.forEach(([i, j], s) => {
    first[n + s] = Math.min(first[i]!, first[j]!);
    last[n + s] = Math.max(last[i]!, last[j]!);
  });
  return { first, last };
}
