/**
 * What the choice of preprocessing does to the clusters. Each choice is measured by itself (reproducibility.ts) and
 * shown beside what it does to the scores that others judge by; only the first decides.
 */
import { type CountOptions, countTerms, type Doc } from "../text/counts.ts";
import { type TfidfOptions, tfidf } from "../text/tfidf.ts";
import { adjustedMutualInformation } from "./adjustedMutualInformation.ts";
import { bestSubtree } from "./bestSubtree.ts";
import { chainLinkage } from "./chainLinkage.ts";
import { cophenet } from "./cophenet.ts";
import { fcluster } from "./fcluster.ts";
import { pdist } from "./pdist.ts";
import { pearson } from "./pearson.ts";
import { reproducibility } from "./reproducibility.ts";
import { silhouette } from "./silhouette.ts";

export interface PreprocessingScores {
  readonly terms: number;
  /** Agreement of clusters from two halves of the terms, and its standard error: what decides. */
  readonly reproducibility: number;
  readonly error: number;
  readonly silhouette: number;
  readonly copheneticCorrelation: number;
  readonly adjustedMutualInformation: number;
  /** Mean F1 of the best subtree of each theme; not a number without themes. */
  readonly themeF1: number;
}

export interface PreprocessingContext {
  readonly options: CountOptions & TfidfOptions;
  /** Number of clusters at which choices are compared. */
  readonly clusters: number;
  readonly splits: number;
  readonly seed: number;
  /** [nDocs] manual section of each document. */
  readonly sections: readonly string[];
  /** Documents of each theme. */
  readonly themes: readonly ReadonlySet<number>[];
}

/** Scores of one choice. */
export function preprocessingScores(docs: readonly Doc[], context: PreprocessingContext): PreprocessingScores {
  const { X } = tfidf(countTerms(docs, context.options), context.options);
  const D = pdist(X);
  const Z = chainLinkage(D);
  const labels = fcluster(Z, context);
  const { mean, error } = reproducibility(X, context);
  const f1 = context.themes.map((members) => bestSubtree(Z, members).f1);
  return {
    terms: X.shape[1],
    reproducibility: mean,
    error,
    silhouette: silhouette(D, labels),
    copheneticCorrelation: pearson(D, cophenet(Z)),
    adjustedMutualInformation: adjustedMutualInformation(context.sections, labels),
    themeF1: f1.reduce((sum, value) => sum + value, 0) / f1.length,
  };
}

/**
 * The place of the choice to take, of choices that stand from the simplest to the most involved: the first one whose
 * reproducibility is within a standard error of the best.
 */
export function choosePreprocessing(scores: readonly PreprocessingScores[]): number {
  const best = scores.reduce((a, b) => (b.reproducibility > a.reproducibility ? b : a));
  return scores.findIndex(({ reproducibility: r }) => r >= best.reproducibility - best.error);
}
