import type { CsrMatrix } from "../text/csrMatrix.ts";
import { chainLinkage } from "./chainLinkage.ts";
import { clusterFinder } from "./clusterFinder.ts";
import type { Merge } from "./merge.ts";
import { random } from "./random.ts";
import { resampledDistances } from "./resampledDistances.ts";

export interface Bootstrap {
  /** Terms drawn at each scale over the number of terms. */
  readonly scales: readonly number[];
  readonly seed: number;
}

/**
 * How often each cluster of a tree is found again when terms are drawn with replacement and the documents are clustered
 * anew: the multiscale bootstrap of pvclust (Suzuki and Shimodaira 2006). Resample number b of a scale depends on the
 * seed, the scale and b alone, so the work may be divided at will.
 *
 * @param X [nDocs, nTerms]
 * @param Z the tree of X
 * @param from first resample of each scale, and `to` the one after the last
 * @returns for each scale the counts of the n - 1 merges
 */
export function bootstrapCounts(
  X: CsrMatrix,
  Z: readonly Merge[],
  { scales, seed }: Bootstrap,
  from: number,
  to: number,
): Uint32Array[] {
  const nTerms = X.shape[1];
  const find = clusterFinder(Z);
  const distances = resampledDistances(X);
  const times = new Uint32Array(nTerms);
  return scales.map((r, scale) => {
    const counts = new Uint32Array(Z.length);
    for (let b = from; b < to; b++) {
      const next = random(seed, scale, b);
      times.fill(0);
      for (let draw = Math.round(nTerms * r); draw > 0; draw--) times[Math.floor(next() * nTerms)]!++;
      find(chainLinkage(distances(times)), counts);
    }
    return counts;
  });
}
