import type { Merge } from "./merge.ts";
import { rootOf } from "./unionFind.ts";

/** Merges as an engine finds them: children before parents, each side named by any one leaf of it. */
export interface MergeOrder {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

export interface FoundMerges extends MergeOrder {
  /** [nMerges] */
  readonly heights: Float64Array;
}

/**
 * SciPy's linkage matrix from merges found in any order that has children before parents.
 *
 * Rows are sorted by height; at equal heights by the lowest leaf of either side, the lower first, save that a merge
 * never stands before one it contains. A height that rounding left below a child's is raised to it.
 */
export function sortMerges(n: number, { left, right, heights }: FoundMerges): Merge[] {
  const nMerges = heights.length;
  const parent = new Int32Array(n); // root of a set is its lowest leaf
  const node = new Int32Array(n); // what a set is, by its lowest leaf: a leaf, or n + a merge
  for (let leaf = 0; leaf < n; leaf++) {
    parent[leaf] = leaf;
    node[leaf] = leaf;
  }

  // What each merge joins, and what it is sorted by.
  const one = new Int32Array(nMerges);
  const other = new Int32Array(nMerges);
  const height = heights.slice();
  const low = new Int32Array(nMerges);
  const high = new Int32Array(nMerges);
  for (let s = 0; s < nMerges; s++) {
    const a = rootOf(parent, left[s]!);
    const b = rootOf(parent, right[s]!);
    const lowest = a < b ? a : b;
    const highest = a < b ? b : a;
    one[s] = node[a]!;
    other[s] = node[b]!;
    low[s] = lowest;
    high[s] = highest;
    raiseTo(s, node[a]! - n);
    raiseTo(s, node[b]! - n);
    parent[highest] = lowest;
    node[lowest] = n + s;
  }
  /** A merge never stands before one it contains. */
  function raiseTo(s: number, child: number): void {
    if (child < 0 || height[child]! < height[s]! || compare(child, s) <= 0) return;
    height[s] = height[child]!;
    low[s] = low[child]!;
    high[s] = high[child]!;
  }
  function compare(s: number, t: number): number {
    return height[s]! - height[t]! || low[s]! - low[t]! || high[s]! - high[t]!;
  }

  const order = byHeight(height);
  for (let from = 0; from < nMerges; ) {
    let to = from + 1;
    while (to < nMerges && height[order[to]!] === height[order[from]!]) to++;
    if (to - from > 1) order.subarray(from, to).sort((s, t) => compare(s, t) || s - t);
    from = to;
  }

  const row = new Int32Array(nMerges);
  for (let r = 0; r < nMerges; r++) row[order[r]!] = r;
  const Z: Merge[] = [];
  for (let r = 0; r < nMerges; r++) {
    const s = order[r]!;
    const a = one[s]! < n ? one[s]! : n + row[one[s]! - n]!;
    const b = other[s]! < n ? other[s]! : n + row[other[s]! - n]!;
    const size = (a < n ? 1 : Z[a - n]![3]) + (b < n ? 1 : Z[b - n]![3]);
    Z.push(a < b ? [a, b, height[s]!, size] : [b, a, height[s]!, size]);
  }
  return Z;
}

/** The order of rising heights, equal ones as they come: numbers are sorted without a comparing function, which is faster. */
function byHeight(height: Float64Array): Int32Array {
  const sorted = height.slice().sort();
  const place = new Map<number, number>(); // of the next merge so high
  for (let row = sorted.length - 1; row >= 0; row--) place.set(sorted[row]!, row);
  const order = new Int32Array(sorted.length);
  for (let s = 0; s < sorted.length; s++) {
    const row = place.get(height[s]!)!;
    order[row] = s;
    place.set(height[s]!, row + 1);
  }
  return order;
}
