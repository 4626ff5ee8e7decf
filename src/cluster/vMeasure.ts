import { contingency } from "./contingency.ts";
import { entropy } from "./entropy.ts";
import { mutualInformation } from "./mutualInformation.ts";

export interface VMeasure {
  /** 1 when each cluster holds one class only. */
  readonly homogeneity: number;
  /** 1 when each class lies in one cluster only. */
  readonly completeness: number;
  /** Harmonic mean of the two; equal to normalised mutual information over the mean of the entropies. */
  readonly vMeasure: number;
}

/** How a clustering matches classes. Rosenberg and Hirschberg 2007; scikit-learn's homogeneity_completeness_v_measure. */
export function vMeasure(classOf: ArrayLike<unknown>, clusterOf: ArrayLike<unknown>): VMeasure {
  const table = contingency(classOf, clusterOf);
  const information = mutualInformation(table);
  const ofClasses = entropy(table.classes);
  const ofClusters = entropy(table.clusters);
  const homogeneity = ofClasses === 0 ? 1 : information / ofClasses;
  const completeness = ofClusters === 0 ? 1 : information / ofClusters;
  const sum = homogeneity + completeness;
  return { homogeneity, completeness, vMeasure: sum === 0 ? 0 : (2 * homogeneity * completeness) / sum };
}
