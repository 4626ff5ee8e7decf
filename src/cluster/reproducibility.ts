import type { CsrMatrix } from "../text/csrMatrix.ts";
import { adjustedMutualInformation } from "./adjustedMutualInformation.ts";
import { chainLinkage } from "./chainLinkage.ts";
import { fcluster } from "./fcluster.ts";
import { random } from "./random.ts";
import { resampledDistances } from "./resampledDistances.ts";

export interface Reproducibility {
  /** Mean adjusted mutual information of the two clusterings of a split. */
  readonly mean: number;
  /** Standard error of the mean over the splits. */
  readonly error: number;
}

/**
 * How far clusters can be had again from other words: the terms are split into two halves at random, the documents are
 * clustered by each half (unit rows, Ward, one number of clusters), and the two clusterings are compared. No classes
 * from outside are used.
 *
 * @param X [nDocs, nTerms]
 * @param splits number of random splits, from 2; split number s depends on the seed and s alone
 */
export function reproducibility(
  X: CsrMatrix,
  { clusters, splits, seed }: { clusters: number; splits: number; seed: number },
): Reproducibility {
  const nTerms = X.shape[1];
  const distances = resampledDistances(X, { unitRows: true });
  const agreements = Array.from({ length: splits }, (_, s) => {
    const next = random(seed, s);
    const first = Uint8Array.from({ length: nTerms }, () => (next() < 0.5 ? 1 : 0));
    const second = first.map((taken) => 1 - taken);
    const cut = (half: Uint8Array) => fcluster(chainLinkage(distances(half)), { clusters });
    return adjustedMutualInformation(cut(first), cut(second));
  });
  const mean = agreements.reduce((sum, agreement) => sum + agreement, 0) / splits;
  const variance = agreements.reduce((sum, agreement) => sum + (agreement - mean) ** 2, 0) / (splits - 1);
  return { mean, error: Math.sqrt(variance / splits) };
}
