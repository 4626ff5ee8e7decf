import type { Merge } from "./merge.ts";

/**
 * Prepares to see how well a tree's clusters can be made out in other trees over the same leaves. The function returned
 * adds to sums[s], for each merge s of the first tree, the best Jaccard similarity of its leaves with those of any node
 * of the other: 1 when the cluster is there, less when some leaves strayed. Hennig 2007, Cluster-wise assessment of
 * cluster stability. O(n²) a tree.
 */
export function clusterRecovery(Z: readonly Merge[]): (other: readonly Merge[], sums: Float64Array) => void {
  const n = Z.length + 1;
  const below: Uint8Array[] = [];
  const indicator = (node: number): Uint8Array =>
    node < n ? Uint8Array.from({ length: n }, (_, leaf) => (leaf === node ? 1 : 0)) : below[node - n]!;
  for (const [i, j] of Z) {
    const right = indicator(j);
    below.push(indicator(i).map((there, leaf) => there | right[leaf]!));
  }
  const shared = new Int32Array(2 * n - 1);
  return (other, sums) => {
    Z.forEach(([, , , size], s) => {
      shared.set(below[s]!);
      let best = 1 / size; // one leaf of the cluster by itself
      other.forEach(([i, j, , otherSize], t) => {
        shared[n + t] = shared[i]! + shared[j]!;
        best = Math.max(best, shared[n + t]! / (size + otherSize - shared[n + t]!));
      });
      sums[s]! += best;
    });
  };
}
