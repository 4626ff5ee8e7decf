import type { CsrMatrix } from "../text/csrMatrix.ts";

/** What an engine merges: groups of leaves, each by its centroid. A cluster is named by the lowest point in it. */
export interface Points {
  /** [nPoints, nTerms] centroids. */
  readonly X: CsrMatrix;
  /** [nPoints] leaves in each. */
  readonly sizes: Float64Array;
  /** [nPoints] squared norms of the centroids. */
  readonly squares: Float64Array;
}

/** [nRows] Σ x² of each row. */
export function squaredNorms({ indptr, data, shape: [nRows] }: CsrMatrix): Float64Array {
  const norms = new Float64Array(nRows);
  for (let i = 0; i < nRows; i++) {
    let sum = 0;
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) sum += data[p]! * data[p]!;
    norms[i] = sum;
  }
  return norms;
}
