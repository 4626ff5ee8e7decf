import type { Merge } from "./merge.ts";

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
  const parent = Int32Array.from({ length: n }, (_, leaf) => leaf); // root of a set is its lowest leaf
  const find = (leaf: number): number => {
    let root = leaf;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = leaf; parent[at] !== root; ) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  };

  // What each merge is sorted by; `latest` is the merge that last made a set, by its lowest leaf.
  const height = new Float64Array(nMerges);
  const low = new Int32Array(nMerges);
  const high = new Int32Array(nMerges);
  const latest = new Int32Array(n).fill(-1);
  for (let s = 0; s < nMerges; s++) {
    const a = find(left[s]!);
    const b = find(right[s]!);
    height[s] = heights[s]!;
    low[s] = Math.min(a, b);
    high[s] = Math.max(a, b);
    for (const child of [latest[a]!, latest[b]!]) if (child >= 0 && isAfter(child, s)) copyKey(child, s);
    parent[Math.max(a, b)] = Math.min(a, b);
    latest[Math.min(a, b)] = s;
  }

  function isAfter(s: number, t: number): boolean {
    if (height[s] !== height[t]) return height[s]! > height[t]!;
    return low[s] !== low[t] ? low[s]! > low[t]! : high[s]! > high[t]!;
  }
  function copyKey(from: number, to: number): void {
    height[to] = height[from]!;
    low[to] = low[from]!;
    high[to] = high[from]!;
  }

  const order = Int32Array.from({ length: nMerges }, (_, s) => s);
  order.sort((s, t) => height[s]! - height[t]! || low[s]! - low[t]! || high[s]! - high[t]! || s - t);

  const id = Int32Array.from({ length: n }, (_, leaf) => leaf); // id and size of a set, by its lowest leaf
  const size = new Int32Array(n).fill(1);
  for (let leaf = 0; leaf < n; leaf++) parent[leaf] = leaf;
  return Array.from(order, (s, row): Merge => {
    const a = find(left[s]!);
    const b = find(right[s]!);
    const lowest = Math.min(a, b);
    const merge: Merge = [Math.min(id[a]!, id[b]!), Math.max(id[a]!, id[b]!), height[s]!, size[a]! + size[b]!];
    parent[Math.max(a, b)] = lowest;
    id[lowest] = n + row;
    size[lowest] = merge[3];
    return merge;
  });
}
