/**
 * The survey's §4 as a procedure:
 *
 *   1  term counts of each document                         [nDocs, nTerms]
 *   2  TF-IDF, unit rows                                     [nDocs, nTerms]
 *   3  Euclidean distances                                   n(n − 1)/2
 *   4  Ward linkage                                          n − 1 merges
 *   5  leaves in the order that brings neighbours closest (optimalLeafOrder.ts)
 *   6  flat clusters: a number given, or the cut that chooseCut takes
 *   7  each cluster named by its words and phrases (clusterLabels.ts) and by its most typical documents
 */
import { type CountOptions, countTerms, type Doc } from "../text/counts.ts";
import type { CsrMatrix } from "../text/csrMatrix.ts";
import { countPhrases, type PhraseSource } from "../text/phrases.ts";
import { type TfidfOptions, tfidf } from "../text/tfidf.ts";
import { writtenCase } from "../text/writtenCase.ts";
import { clusterHeights } from "./clusterHeights.ts";
import { clusterLabels, labelWords } from "./clusterLabels.ts";
import { condensedIndex, cophenet } from "./cophenet.ts";
import { type ChosenCut, type Cut, type CutCriteria, type CutRule, chooseCut, cutCriteria } from "./cutCriteria.ts";
import { fcluster } from "./fcluster.ts";
import { medoids } from "./medoids.ts";
import type { Merge } from "./merge.ts";
import { optimalLeafOrder } from "./optimalLeafOrder.ts";
import { pdist } from "./pdist.ts";
import { pearson } from "./pearson.ts";
import { wardLinkage } from "./wardLinkage.ts";

export interface ClusterOptions extends CountOptions, TfidfOptions {
  /** Number of flat clusters, or the rule to choose it by. */
  readonly clusters: number | CutRule;
  /** Terms in a cluster's name. */
  readonly labelTerms: number;
  /** Shuffled corpora for the gap statistic. */
  readonly references: number;
  readonly seed: number;
}

export interface DocumentClusters {
  /** [nDocs, nTerms] */
  readonly X: CsrMatrix;
  /** Condensed distances. */
  readonly D: Float64Array;
  readonly Z: Merge[];
  /** Leaf ids from left to right. */
  readonly leaves: Int32Array;
  /** [nDocs], from 1 in leaf order. */
  readonly labels: Int32Array;
  /** For each cluster its most distinctive words and phrases, best first. */
  readonly words: string[][];
  /** For each cluster its most typical documents, most typical first. */
  readonly typical: number[][];
  /** Height of each cluster's last merge; 0 for a single document. */
  readonly heights: number[];
  readonly copheneticCorrelation: number;
  /** What speaks for each number of clusters. */
  readonly cuts: Cut[];
  /** Why the documents are cut as they are. */
  readonly reason: string;
}

/** Cuts looked at, whatever the rule. */
const MOST_CUTS = 40;
const TYPICAL = 3;

/**
 * @param docs what is clustered
 * @param described texts (and counts) that phrases are taken from; default the documents themselves
 */
export function clusterDocuments(
  docs: readonly Doc[],
  options: ClusterOptions,
  described: readonly PhraseSource[] = docs,
): DocumentClusters {
  const counts = countTerms(docs, options);
  const { X, columns } = tfidf(counts, options);
  const D = pdist(X);
  const Z = wardLinkage(X);
  const { references, seed } = options;
  const criteria = cutCriteria(X, D, Z, { most: MOST_CUTS, references, seed });
  const { clusters, reason } = cutOf(criteria, options.clusters);
  const leaves = optimalLeafOrder(Z, D);
  const labels = numberedByOrder(fcluster(Z, { clusters }), leaves);
  const written = writtenCase(described);
  const stemmed = { ...options, stem: true }; // a name has one form of a word, whatever the clusters go by
  const words = clusterLabels(
    options.stem === false ? labelWords(countTerms(docs, stemmed)) : labelWords(counts, columns),
    countPhrases(described, stemmed),
    labels,
    options.labelTerms,
  ).map((terms) => terms.map(written));
  return {
    X,
    D,
    Z,
    leaves,
    labels,
    words,
    typical: medoids(D, labels, TYPICAL),
    heights: clusterHeights(Z, labels, words.length),
    copheneticCorrelation: pearson(D, cophenet(Z)),
    cuts: criteria.cuts,
    reason,
  };
}

function cutOf(criteria: CutCriteria, wanted: number | CutRule): ChosenCut {
  if (typeof wanted === "number") return { clusters: wanted, reason: "the number of clusters given" };
  const most = criteria.cuts.at(-1)?.clusters;
  if (most === undefined) return { clusters: 1, reason: "too few documents to cut" };
  return chooseCut(criteria, { ...wanted, fewest: Math.min(wanted.fewest, most), most: Math.min(wanted.most, most) });
}

/** The same clusters, numbered from 1 as they come in an order of the leaves. */
function numberedByOrder(labels: Int32Array, leaves: Int32Array): Int32Array {
  const number = new Map<number, number>();
  for (const leaf of leaves) if (!number.has(labels[leaf]!)) number.set(labels[leaf]!, number.size + 1);
  return labels.map((label) => number.get(label)!);
}

/** The `count` documents nearest to document i, nearest first. */
export function nearest(D: Float64Array, n: number, i: number, count: number): { index: number; distance: number }[] {
  return Array.from({ length: n }, (_, index) => index)
    .filter((index) => index !== i)
    .map((index) => ({ index, distance: D[condensedIndex(n, i, index)]! }))
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, count);
}
