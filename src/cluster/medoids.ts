import { condensedIndex } from "./cophenet.ts";

/**
 * The most typical documents of each cluster: those with the least mean distance to its others.
 *
 * @param D condensed distances, n(n - 1)/2
 * @param labels [n], from 1
 * @returns for each cluster its `count` most typical documents, most typical first
 */
export function medoids(D: Float64Array, labels: Int32Array, count: number): number[][] {
  const n = labels.length;
  const members: number[][] = [];
  labels.forEach((label, i) => {
    members[label - 1] ??= [];
    members[label - 1]!.push(i);
  });
  return members.map((docs) => {
    const total = new Map(
      docs.map((i) => [i, docs.reduce((sum, j) => (i === j ? sum : sum + D[condensedIndex(n, i, j)]!), 0)]),
    );
    return [...docs].sort((a, b) => total.get(a)! - total.get(b)! || a - b).slice(0, count);
  });
}
