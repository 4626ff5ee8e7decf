import { condensedIndex } from "./cophenet.ts";

/**
 * Mean silhouette of a flat clustering, in [-1, 1]; a cluster of one scores 0. Rousseeuw 1987; scikit-learn's
 * silhouette_score with precomputed distances.
 *
 * @param D condensed distances, n(n - 1)/2
 * @param labels [n], from 1
 */
export function silhouette(D: Float64Array, labels: Int32Array): number {
  return silhouettes(D, labels).reduce((sum, s) => sum + s, 0) / labels.length;
}

/** Mean silhouette of the members of each cluster. */
export function silhouetteOfClusters(D: Float64Array, labels: Int32Array): number[] {
  const sums: number[] = [];
  const sizes: number[] = [];
  silhouettes(D, labels).forEach((s, i) => {
    const c = labels[i]! - 1;
    sums[c] = (sums[c] ?? 0) + s;
    sizes[c] = (sizes[c] ?? 0) + 1;
  });
  return sums.map((sum, c) => sum / sizes[c]!);
}

/** [n] silhouette of each observation. */
function silhouettes(D: Float64Array, labels: Int32Array): Float64Array {
  const n = labels.length;
  const k = labels.reduce((most, label) => Math.max(most, label), 0);
  const size = new Int32Array(k + 1);
  for (const label of labels) size[label]!++;
  const sum = new Float64Array(k + 1);
  return Float64Array.from(labels, (own, i) => {
    if (size[own] === 1) return 0;
    sum.fill(0);
    for (let j = 0; j < n; j++) if (j !== i) sum[labels[j]!]! += D[condensedIndex(n, i, j)]!;
    const within = sum[own]! / (size[own]! - 1);
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 1; c <= k; c++) if (c !== own) nearest = Math.min(nearest, sum[c]! / size[c]!);
    const widest = Math.max(within, nearest);
    return widest > 0 && widest < Number.POSITIVE_INFINITY ? (nearest - within) / widest : 0;
  });
}
