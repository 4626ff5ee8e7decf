import { condensedIndex } from "./cophenet.ts";

/**
 * Mean silhouette of a flat clustering, in [-1, 1]; a cluster of one scores 0. Rousseeuw 1987; scikit-learn's
 * silhouette_score with precomputed distances.
 *
 * @param D condensed distances, n(n − 1)/2
 * @param labels [n], from 1
 */
export function silhouette(D: Float64Array, labels: Int32Array): number {
  const n = labels.length;
  const k = labels.reduce((most, label) => Math.max(most, label), 0);
  const size = new Int32Array(k + 1);
  for (const label of labels) size[label]!++;
  let total = 0;
  const sum = new Float64Array(k + 1);
  for (let i = 0; i < n; i++) {
    const own = labels[i]!;
    if (size[own] === 1) continue;
    sum.fill(0);
    for (let j = 0; j < n; j++) if (j !== i) sum[labels[j]!]! += D[condensedIndex(n, i, j)]!;
    const within = sum[own]! / (size[own]! - 1);
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 1; c <= k; c++) if (c !== own) nearest = Math.min(nearest, sum[c]! / size[c]!);
    const widest = Math.max(within, nearest);
    if (widest > 0) total += (nearest - within) / widest;
  }
  return total / n;
}
