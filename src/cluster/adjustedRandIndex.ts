import { contingency } from "./contingency.ts";

/**
 * Adjusted Rand index of two labelings: 1 when they are the same partition, 0 on average by chance. Hubert and Arabie
 * 1985; scikit-learn's adjusted_rand_score.
 */
export function adjustedRandIndex(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  const { n, classes, clusters, cells } = contingency(a, b);
  const together = sum(cells.map((cell) => pairs(cell.count)));
  const inA = sum(classes.map(pairs));
  const inB = sum(clusters.map(pairs));
  const expected = n < 2 ? 0 : (inA * inB) / pairs(n);
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}

const pairs = (count: number): number => (count * (count - 1)) / 2;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
