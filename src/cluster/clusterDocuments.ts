/**
 * The survey's §4 as a procedure:
 *
 *   1  term counts of each document                         [nDocs, nTerms]
 *   2  TF-IDF, unit rows                                     [nDocs, nTerms]
 *   3  Euclidean distances                                   n(n − 1)/2
 *   4  Ward linkage                                          n − 1 merges
 *   5  flat clusters: of the cuts in [fewest, most] whose clusters all have `smallest` documents, the one with the
 *      highest mean silhouette; or a number given
 *   6  each cluster named by its most distinctive terms, as words
 */
import { type CountOptions, countTerms, type Doc } from "../text/counts.ts";
import { type TfidfOptions, tfidf } from "../text/tfidf.ts";
import { clusterHeights } from "./clusterHeights.ts";
import { condensedIndex, cophenet } from "./cophenet.ts";
import { distinctiveTerms } from "./distinctiveTerms.ts";
import { fcluster } from "./fcluster.ts";
import { leavesList } from "./leavesList.ts";
import type { Merge } from "./merge.ts";
import { pdist } from "./pdist.ts";
import { pearson } from "./pearson.ts";
import { silhouette } from "./silhouette.ts";
import { type Engine, wardLinkage } from "./wardLinkage.ts";

export interface ClusterOptions extends CountOptions, TfidfOptions {
  /** Number of flat clusters, or the range to choose from. */
  readonly clusters: number | readonly [fewest: number, most: number];
  /** Documents that every cluster of a chosen cut must have. */
  readonly smallest: number;
  /** Terms in a cluster's name. */
  readonly labelTerms: number;
  /** What merges the documents. Default: by size. */
  readonly engine?: Engine | undefined;
}

export interface DocumentClusters {
  /** Condensed distances. */
  readonly D: Float64Array;
  readonly Z: Merge[];
  readonly leaves: Int32Array;
  /** [nDocs], from 1 in leaf order. */
  readonly labels: Int32Array;
  /** For each cluster its most distinctive words, best first. */
  readonly words: string[][];
  /** Height of each cluster's last merge; 0 for a single document. */
  readonly heights: number[];
  readonly copheneticCorrelation: number;
  /** Mean silhouette for each number of clusters that was looked at. */
  readonly silhouettes: { clusters: number; silhouette: number; smallest: number }[];
  readonly nTerms: number;
}

export function clusterDocuments(docs: readonly Doc[], options: ClusterOptions): DocumentClusters {
  const counts = countTerms(docs, options);
  const { X, columns } = tfidf(counts, options);
  const D = pdist(X);
  const Z = wardLinkage(X, { engine: options.engine });
  const [fewest, most] = typeof options.clusters === "number" ? [options.clusters, options.clusters] : options.clusters;
  const silhouettes = Array.from({ length: most - fewest + 1 }, (_, i) => {
    const clusters = fewest + i;
    const labels = fcluster(Z, { clusters });
    return { clusters, silhouette: silhouette(D, labels), smallest: smallestCluster(labels) };
  });
  const allowed = silhouettes.filter((s) => s.smallest >= options.smallest);
  const best = (allowed.length ? allowed : silhouettes.slice(0, 1)).reduce((a, b) =>
    b.silhouette > a.silhouette ? b : a,
  );
  const labels = fcluster(Z, { clusters: best.clusters });
  const words = distinctiveTerms(X, labels, options.labelTerms).map((terms) =>
    terms.map((j) => counts.surface[columns[j]!]!),
  );
  return {
    D,
    Z,
    leaves: leavesList(Z),
    labels,
    words,
    heights: clusterHeights(Z, labels, words.length),
    copheneticCorrelation: pearson(D, cophenet(Z)),
    silhouettes,
    nTerms: columns.length,
  };
}

function smallestCluster(labels: Int32Array): number {
  const size = new Map<number, number>();
  for (const label of labels) size.set(label, (size.get(label) ?? 0) + 1);
  return Math.min(...size.values());
}

/** The `count` documents nearest to document i, nearest first. */
export function nearest(D: Float64Array, n: number, i: number, count: number): { index: number; distance: number }[] {
  return Array.from({ length: n }, (_, index) => index)
    .filter((index) => index !== i)
    .map((index) => ({ index, distance: D[condensedIndex(n, i, index)]! }))
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, count);
}
