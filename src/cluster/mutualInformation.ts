import type { Contingency } from "./contingency.ts";

/** Mutual information of two crossed labelings, in nats; from 0. */
export function mutualInformation({ n, classes, clusters, cells }: Contingency): number {
  const information = cells.reduce(
    (total, { row, column, count }) =>
      total + (count / n) * Math.log((n * count) / (classes[row]! * clusters[column]!)),
    0,
  );
  return Math.max(0, information);
}
