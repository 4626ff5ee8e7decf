import type { CsrMatrix } from "../text/csrMatrix.ts";
import { chainLinkage } from "./chainLinkage.ts";
import { clusterFinder } from "./clusterFinder.ts";
import { clusterRecovery } from "./clusterRecovery.ts";
import type { Merge } from "./merge.ts";
import { random } from "./random.ts";
import { type ResampledOptions, resampledDistances } from "./resampledDistances.ts";

export interface Bootstrap extends ResampledOptions {
  /** Terms drawn at each scale over the number of terms. */
  readonly scales: readonly number[];
  readonly seed: number;
}

export interface BootstrapCounts {
  /** For each scale how often each of the n - 1 merges was found again, leaf by leaf. */
  readonly found: Uint32Array[];
  /** For each merge the sum, over the resamples at scale 1, of its best Jaccard similarity with a cluster found. */
  readonly recovered: Float64Array;
}

/**
 * How often each cluster of a tree is found again when terms are drawn with replacement and the documents are clustered
 * anew: the multiscale bootstrap of pvclust (Suzuki and Shimodaira 2006). Resample number b of a scale depends on the
 * seed, the scale and b alone, so the work may be divided at will.
 *
 * @param X [nDocs, nTerms]
 * @param Z the tree of X
 * @param from first resample of each scale, and `to` the one after the last
 */
export function bootstrapCounts(
  X: CsrMatrix,
  Z: readonly Merge[],
  { scales, seed, unitRows }: Bootstrap,
  from: number,
  to: number,
): BootstrapCounts {
  const nTerms = X.shape[1];
  const find = clusterFinder(Z);
  const distances = resampledDistances(X, { unitRows });
  const times = new Uint32Array(nTerms);
  const recover = clusterRecovery(Z);
  const recovered = new Float64Array(Z.length);
  const found = scales.map((r, scale) => {
    const counts = new Uint32Array(Z.length);
    for (let b = from; b < to; b++) {
      const next = random(seed, scale, b);
      times.fill(0);
      for (let draw = Math.round(nTerms * r); draw > 0; draw--) times[Math.floor(next() * nTerms)]!++;
      const tree = chainLinkage(distances(times));
      find(tree, counts);
      if (r === 1) recover(tree, recovered);
    }
    return counts;
  });
  return { found, recovered };
}
