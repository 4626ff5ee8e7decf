import { contingency } from "./contingency.ts";

/**
 * Mutual information of two labelings over the mean of their entropies, from 0 to 1. scikit-learn's
 * normalized_mutual_info_score with average_method="arithmetic".
 */
export function normalizedMutualInformation(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  const { n, classes, clusters, cells } = contingency(a, b);
  if (classes.length <= 1 && clusters.length <= 1) return 1;
  let information = 0; // nats
  for (const { row, column, count } of cells) {
    information += (count / n) * Math.log((n * count) / (classes[row]! * clusters[column]!));
  }
  const mean = (entropy(classes, n) + entropy(clusters, n)) / 2;
  return mean === 0 ? 0 : Math.max(0, information / mean);
}

/** Shannon entropy of a partition into groups of these sizes, in nats. */
const entropy = (sizes: readonly number[], n: number): number =>
  sizes.reduce((total, size) => total - (size / n) * Math.log(size / n), 0);
