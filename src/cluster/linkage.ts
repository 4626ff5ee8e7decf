import { agnes, type Cluster } from "ml-hclust";
import type { Merge } from "./merge.ts";
import { sortMerges } from "./sortMerges.ts";

/**
 * Ward linkage of condensed Euclidean distances by ml-hclust, whose `ward2` is SciPy's "ward". Every merge copies a
 * square matrix, so it suits up to some 500 observations; ward.ts serves more.
 */
export function linkage(D: Float64Array): Merge[] {
  const n = (1 + Math.sqrt(1 + 8 * D.length)) / 2;
  if (!Number.isInteger(n)) throw new Error(`linkage: expected n(n - 1)/2 distances, found ${D.length}`);
  const bad = D.findIndex((d) => !(d >= 0 && d < Number.POSITIVE_INFINITY));
  if (bad >= 0) throw new Error(`linkage: distance ${bad}: expected a finite number from 0, found ${D[bad]}`);
  if (n < 2) return [];
  const root = agnes(squareform(D, n), { method: "ward2", isDistanceMatrix: true });
  return sortMerges(n, foundMerges(root, n));
}

function squareform(D: Float64Array, n: number): number[][] {
  const square = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      square[i]![j] = D[at]!;
      square[j]![i] = D[at++]!;
    }
  }
  return square;
}

function foundMerges(root: Cluster, n: number) {
  const left = new Int32Array(n - 1);
  const right = new Int32Array(n - 1);
  const heights = new Float64Array(n - 1);
  const aLeaf = new Map<Cluster, number>();
  const stack = [root]; // parents before children, so rows are filled from the last
  for (let row = n - 2; stack.length > 0; ) {
    const node = stack.pop()!;
    if (node.isLeaf) continue;
    const [a, b] = node.children as [Cluster, Cluster];
    left[row] = leafOf(a);
    right[row] = leafOf(b);
    heights[row--] = node.height;
    stack.push(a, b);
  }
  function leafOf(node: Cluster): number {
    let at = node;
    while (!at.isLeaf && !aLeaf.has(at)) at = at.children[0]!;
    const leaf = at.isLeaf ? at.index : aLeaf.get(at)!;
    aLeaf.set(node, leaf);
    return leaf;
  }
  return { left, right, heights };
}
