/**
 * Rows that clusters are named by: all of them up to `most`; of more, `most` divided by the number of clusters of each,
 * but at least 20, evenly through the cluster.
 *
 * @param labels [n], from 1
 * @returns rising rows
 */
export function labelSample(labels: Int32Array, most: number): number[] {
  const rows: number[][] = [];
  labels.forEach((label, row) => {
    rows[label - 1] ??= [];
    rows[label - 1]!.push(row);
  });
  if (labels.length <= most) return Array.from(labels.keys());
  const share = Math.max(20, Math.floor(most / rows.length));
  return rows
    .flatMap((own) => {
      const taken = Math.min(share, own.length);
      return Array.from({ length: taken }, (_, i) => own[Math.floor((i * own.length) / taken)]!);
    })
    .sort((a, b) => a - b);
}
