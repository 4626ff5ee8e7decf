import type { CsrMatrix } from "../text/csrMatrix.ts";

/**
 * For each cluster the `count` rows nearest to its centroid, nearest first; of equals the lower row.
 *
 * @param labels [nRows], from 1
 */
export function typicalRows(X: CsrMatrix, labels: Int32Array, count: number): number[][] {
  const { indptr, indices, data, shape } = X;
  const k = labels.reduce((most, label) => Math.max(most, label), 0);
  const members: number[][] = Array.from({ length: k }, () => []);
  labels.forEach((label, i) => members[label - 1]!.push(i));
  const centroid = new Float64Array(shape[1]);
  return members.map((rows) => {
    centroid.fill(0);
    for (const i of rows) {
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) centroid[indices[p]!]! += data[p]! / rows.length;
    }
    const distance = (i: number): number => {
      let sum = 0; // |x|² − 2 x·c, the centroid's own square left out
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) sum += data[p]! * (data[p]! - 2 * centroid[indices[p]!]!);
      return sum;
    };
    return rows
      .map((i) => ({ i, distance: distance(i) }))
      .sort((a, b) => a.distance - b.distance || a.i - b.i)
      .slice(0, count)
      .map(({ i }) => i);
  });
}
