/**
 * What speaks for a number of clusters: mean silhouette, Calinski-Harabasz index and gap statistic of every cut from 2
 * clusters up. The gap's references are the documents with their terms shuffled (shuffleTerms.ts), clustered alike.
 */
import type { CsrMatrix } from "../text/csrMatrix.ts";
import { calinskiHarabasz } from "./calinskiHarabasz.ts";
import { chainLinkage } from "./chainLinkage.ts";
import { fcluster } from "./fcluster.ts";
import { clustersByGap, gapStatistic } from "./gapStatistic.ts";
import type { Merge } from "./merge.ts";
import { pdist } from "./pdist.ts";
import { random } from "./random.ts";
import { shuffleTerms } from "./shuffleTerms.ts";
import { silhouette } from "./silhouette.ts";
import { withinSumOfSquares } from "./withinSumOfSquares.ts";

export interface Cut {
  readonly clusters: number;
  /** Documents of the smallest cluster. */
  readonly smallest: number;
  readonly silhouette: number;
  readonly calinskiHarabasz: number;
  readonly gap: number;
  readonly gapError: number;
}

export interface CutOptions {
  /** Most clusters looked at. */
  readonly most: number;
  /** Shuffled corpora for the gap statistic. */
  readonly references: number;
  readonly seed: number;
}

export interface CutCriteria {
  /** Cuts into 2, 3, … clusters. */
  readonly cuts: Cut[];
  /** The number of clusters that the gap statistic's own rule takes, which may be 1; none when it still rises. */
  readonly byGap: number | undefined;
}

/** Looks at the cuts of a Ward tree Z of the rows of X, whose condensed distances are D. */
export function cutCriteria(X: CsrMatrix, D: Float64Array, Z: readonly Merge[], options: CutOptions): CutCriteria {
  const most = Math.min(options.most, Z.length);
  const within = withinSumOfSquares(Z);
  const references = Array.from({ length: options.references }, (_, b) =>
    withinSumOfSquares(chainLinkage(pdist(shuffleTerms(X, random(options.seed, b))))),
  );
  const gaps = gapStatistic(within, references, most);
  const cuts = gaps.slice(1).map(({ clusters, gap, error }): Cut => {
    const labels = fcluster(Z, { clusters });
    return {
      clusters,
      smallest: Math.min(...sizes(labels)),
      silhouette: silhouette(D, labels),
      calinskiHarabasz: calinskiHarabasz(within, clusters),
      gap,
      gapError: error,
    };
  });
  return { cuts, byGap: clustersByGap(gaps) };
}

function sizes(labels: Int32Array): Iterable<number> {
  const size = new Map<number, number>();
  for (const label of labels) size.set(label, (size.get(label) ?? 0) + 1);
  return size.values();
}

export interface CutRule {
  readonly fewest: number;
  readonly most: number;
  /** Documents that every cluster must have. */
  readonly smallest: number;
}

export interface ChosenCut {
  readonly clusters: number;
  /** Why, in a sentence, and what the other criteria would have taken. */
  readonly reason: string;
}

/**
 * The cut of highest mean silhouette among those of `fewest` to `most` clusters whose clusters all have `smallest`
 * documents; of all of them when none has.
 */
export function chooseCut({ cuts, byGap }: CutCriteria, { fewest, most, smallest }: CutRule): ChosenCut {
  const inRange = cuts.filter((cut) => cut.clusters >= fewest && cut.clusters <= most);
  const allowed = inRange.filter((cut) => cut.smallest >= smallest);
  const best = highest(allowed.length ? allowed : inRange, (cut) => cut.silhouette);
  const limit = allowed.length ? ` whose clusters all have ${smallest} or more documents` : "";
  return {
    clusters: best.clusters,
    reason:
      `highest mean silhouette (${best.silhouette.toFixed(4)}) of the cuts into ${fewest} to ${most} clusters${limit}; ` +
      `Calinski–Harabasz is highest at ${highest(cuts, (cut) => cut.calinskiHarabasz).clusters}, and ${
        byGap === undefined
          ? `the gap statistic still rises at ${cuts.at(-1)!.clusters}`
          : `the gap statistic takes ${byGap}`
      }`,
  };
}

const highest = (cuts: readonly Cut[], of: (cut: Cut) => number): Cut => cuts.reduce((a, b) => (of(b) > of(a) ? b : a));
