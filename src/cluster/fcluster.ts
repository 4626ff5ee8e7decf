import type { Merge } from "./merge.ts";

/** Where to cut: at a height (merges up to it are kept), or at the lowest height that leaves at most so many clusters. */
export type Cut = { readonly height: number } | { readonly clusters: number };

/** [n] flat cluster of each leaf, numbered from 1 in the order of leavesList. SciPy's fcluster, distance or maxclust. */
export function fcluster(Z: readonly Merge[], cut: Cut): Int32Array {
  const n = Z.length + 1;
  const top = "height" in cut ? cut.height : heightLeaving(Z, cut.clusters);
  const labels = new Int32Array(n);
  let label = 0;
  const stack: { id: number; inside: boolean }[] = [{ id: 2 * n - 2, inside: false }];
  while (stack.length > 0) {
    const { id, inside } = stack.pop()!;
    const starts = !inside && (id < n || Z[id - n]![2] <= top);
    if (starts) label++;
    if (id < n) labels[id] = label;
    else stack.push({ id: Z[id - n]![1], inside: inside || starts }, { id: Z[id - n]![0], inside: inside || starts });
  }
  return labels;
}

function heightLeaving(Z: readonly Merge[], clusters: number): number {
  if (!(clusters >= 1)) throw new Error(`fcluster: expected at least 1 cluster, found ${clusters}`);
  const last = Z.length - Math.floor(clusters); // the merge that brings the number down to `clusters`
  return last < 0 ? Number.NEGATIVE_INFINITY : Z[last]![2];
}
