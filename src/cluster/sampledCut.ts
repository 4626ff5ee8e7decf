import type { CsrMatrix } from "../text/csrMatrix.ts";
import { fcluster } from "./fcluster.ts";
import type { Merge } from "./merge.ts";
import { squaredNorms } from "./points.ts";
import { silhouette } from "./silhouette.ts";

export interface SampledCut {
  /** [nRows] flat cluster of each row, from 1 in leaf order. */
  readonly labels: Int32Array;
  /** Rows the silhouettes were taken over. */
  readonly sample: number;
  readonly silhouettes: readonly { readonly clusters: number; readonly silhouette: number }[];
}

/**
 * Of the cuts of a tree into fewest to most clusters of at least `smallest` rows, the one with the highest mean
 * silhouette (the fewest clusters when none has such clusters alone). Of more than a thousand rows the silhouette is
 * taken over an even sample: every ⌈n / 1,000⌉-th row.
 */
export function sampledCut(
  X: CsrMatrix,
  Z: readonly Merge[],
  { fewest, most, smallest }: { fewest: number; most: number; smallest: number },
): SampledCut {
  const n = X.shape[0];
  const step = Math.ceil(n / 1000);
  const rows = Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  const D = distances(X, rows);
  let best = { labels: fcluster(Z, { clusters: fewest }), silhouette: Number.NEGATIVE_INFINITY };
  const silhouettes = Array.from({ length: most - fewest + 1 }, (_, i) => {
    const labels = fcluster(Z, { clusters: fewest + i });
    const score = meanSilhouette(D, labels, rows);
    if (score > best.silhouette && smallestCluster(labels) >= smallest) best = { labels, silhouette: score };
    return { clusters: fewest + i, silhouette: score };
  });
  return { labels: best.labels, sample: rows.length, silhouettes };
}

/** 0 where the sample is in one cluster. */
function meanSilhouette(D: Float64Array, labels: Int32Array, rows: readonly number[]): number {
  const number = new Map<number, number>();
  const sampled = Int32Array.from(rows, (row) => {
    const label = labels[row]!;
    if (!number.has(label)) number.set(label, number.size + 1);
    return number.get(label)!;
  });
  return number.size < 2 ? 0 : silhouette(D, sampled);
}

function smallestCluster(labels: Int32Array): number {
  const size = new Map<number, number>();
  for (const label of labels) size.set(label, (size.get(label) ?? 0) + 1);
  return Math.min(...size.values());
}

/** Condensed distances of some rows, by their products: good to 1e-8, which a silhouette does not feel. */
function distances(X: CsrMatrix, rows: readonly number[]): Float64Array {
  const { indptr, indices, data, shape } = X;
  const squares = squaredNorms(X);
  const D = new Float64Array((rows.length * (rows.length - 1)) / 2);
  const dense = new Float64Array(shape[1]);
  let at = 0;
  rows.forEach((i, r) => {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) dense[indices[p]!] = data[p]!;
    for (let s = r + 1; s < rows.length; s++) {
      const j = rows[s]!;
      let dot = 0;
      for (let p = indptr[j]!; p < indptr[j + 1]!; p++) dot += dense[indices[p]!]! * data[p]!;
      D[at++] = Math.sqrt(Math.max(0, squares[i]! + squares[j]! - 2 * dot));
    }
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) dense[indices[p]!] = 0;
  });
  return D;
}
