import type { Merge } from "./merge.ts";

/** For each flat cluster of a tree the node that holds its leaves: a leaf id, or n + step. `labels` are from 1. */
export function clusterNodes(Z: readonly Merge[], labels: Int32Array): number[] {
  const n = labels.length;
  const clusterOf = Array.from(labels);
  const nodes: number[] = [];
  labels.forEach((label, leaf) => {
    nodes[label - 1] = leaf;
  });
  Z.forEach(([i, j], step) => {
    clusterOf[n + step] = clusterOf[i] === clusterOf[j] ? clusterOf[i]! : 0;
    if (clusterOf[n + step]! > 0) nodes[clusterOf[n + step]! - 1] = n + step;
  });
  return nodes;
}
