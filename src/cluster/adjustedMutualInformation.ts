import { type Contingency, contingency } from "./contingency.ts";
import { entropy } from "./entropy.ts";
import { mutualInformation } from "./mutualInformation.ts";

/**
 * Mutual information of two labelings less what chance gives, over the most there could be less the same: 1 when they
 * are the same partition, 0 on average by chance. Vinh, Epps and Bailey 2010; scikit-learn's adjusted_mutual_info_score
 * with average_method="arithmetic".
 */
export function adjustedMutualInformation(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  const table = contingency(a, b);
  if (table.classes.length === 1 && table.clusters.length === 1) return 1;
  const expected = expectedMutualInformation(table);
  const most = (entropy(table.classes) + entropy(table.clusters)) / 2;
  const room = most - expected;
  const gained = mutualInformation(table) - expected;
  return Math.abs(room) < Number.EPSILON ? 1 : gained / room;
}

/** Mean mutual information over all tables with these margins: each cell's count is hypergeometric. */
function expectedMutualInformation({ n, classes, clusters }: Contingency): number {
  const logFactorial = new Float64Array(n + 1);
  for (let i = 2; i <= n; i++) logFactorial[i] = logFactorial[i - 1]! + Math.log(i);
  const lf = (i: number): number => logFactorial[i]!;
  let expected = 0;
  for (const a of classes) {
    for (const b of clusters) {
      const margins = lf(a) + lf(b) + lf(n - a) + lf(n - b) - lf(n);
      for (let count = Math.max(1, a + b - n); count <= Math.min(a, b); count++) {
        const logChance = margins - lf(count) - lf(a - count) - lf(b - count) - lf(n - a - b + count);
        expected += (count / n) * Math.log((n * count) / (a * b)) * Math.exp(logChance);
      }
    }
  }
  return expected;
}
