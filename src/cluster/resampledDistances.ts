import { type CsrMatrix, transpose } from "../text/csrMatrix.ts";

export interface ResampledOptions {
  /** Bring the rows to length 1 again, as TF-IDF does; a row without any of the terms drawn stays 0. */
  readonly unitRows: boolean;
}

/**
 * Prepares distances over resampled terms. The function returned takes how often each term was drawn, [nTerms], and
 * gives the condensed Euclidean distances of the rows with each column repeated as often, from inner products that are
 * summed term by term over the documents that have it.
 */
export function resampledDistances(
  X: CsrMatrix,
  { unitRows }: ResampledOptions,
): (times: ArrayLike<number>) => Float64Array {
  const [n, nTerms] = X.shape;
  const { indptr, indices, data } = transpose(X);
  const gram = new Float64Array(n * n); // [n, n], lower triangle with the diagonal
  return (times) => {
    gram.fill(0);
    for (let t = 0; t < nTerms; t++) {
      const drawn = times[t]!;
      if (drawn === 0) continue;
      for (let p = indptr[t]!; p < indptr[t + 1]!; p++) {
        const weight = drawn * data[p]!;
        const row = indices[p]! * n;
        for (let q = indptr[t]!; q <= p; q++) gram[row + indices[q]!]! += weight * data[q]!;
      }
    }
    const length = Float64Array.from({ length: n }, (_, i) => (unitRows ? Math.sqrt(gram[i * n + i]!) || 1 : 1));
    const square = Float64Array.from({ length: n }, (_, i) => gram[i * n + i]! / length[i]! ** 2);
    const D = new Float64Array((n * (n - 1)) / 2);
    let at = 0;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const product = gram[j * n + i]! / (length[i]! * length[j]!);
        D[at++] = Math.sqrt(Math.max(0, square[i]! + square[j]! - 2 * product));
      }
    }
    return D;
  };
}
