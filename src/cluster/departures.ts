/** One cell of a table of properties against clusters. */
export interface Departure {
  /** Place of the property and of the cluster. */
  readonly row: number;
  readonly column: number;
  readonly count: number;
  /** Count if the property and the cluster had nothing to do with each other. */
  readonly expected: number;
  /** Standard deviations that the count lies above (or below) the expected one. */
  readonly residual: number;
}

/**
 * Adjusted residuals of a table of properties against clusters (Haberman 1973). A document may have several properties,
 * so each cell is the corner of a 2 × 2 table, has the property or not against is in the cluster or not; the square of
 * its residual is Pearson's χ² of that table. 0 where no document, or every one, has the property or is in the cluster.
 *
 * @param has for each property the documents that have it
 * @param labels [n], from 1
 */
export function departures(has: readonly ReadonlySet<number>[], labels: Int32Array): Departure[] {
  const n = labels.length;
  const k = labels.reduce((most, label) => Math.max(most, label), 0);
  const size = new Int32Array(k);
  for (const label of labels) size[label - 1]!++;
  return has.flatMap((docs, row) =>
    Array.from(size, (inCluster, column): Departure => {
      let count = 0;
      for (const doc of docs) if (labels[doc] === column + 1) count++;
      const expected = (docs.size * inCluster) / n;
      const variance = expected * (1 - docs.size / n) * (1 - inCluster / n);
      return { row, column, count, expected, residual: variance > 0 ? (count - expected) / Math.sqrt(variance) : 0 };
    }),
  );
}
