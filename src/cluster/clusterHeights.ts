import type { Merge } from "./merge.ts";

/** Height of the last merge inside each of k flat clusters; 0 for a single leaf. `labels` are from 1. */
export function clusterHeights(Z: readonly Merge[], labels: Int32Array, k: number): number[] {
  const n = labels.length;
  const heights = new Array<number>(k).fill(0);
  const clusterOf = Array.from(labels);
  Z.forEach(([i, j, height], step) => {
    const same = clusterOf[i] === clusterOf[j] && clusterOf[i] !== 0;
    clusterOf[n + step] = same ? clusterOf[i]! : 0;
    if (same) heights[clusterOf[i]! - 1] = height;
  });
  return heights;
}
