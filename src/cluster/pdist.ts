import type { CsrMatrix } from "../text/csrMatrix.ts";

/** Condensed Euclidean distances of the rows: n(n − 1)/2 values, upper triangle by rows. SciPy's pdist(X). */
export function pdist(X: CsrMatrix): Float64Array {
  const [n] = X.shape;
  const D = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) D[at++] = Math.sqrt(squaredDistance(X, i, j));
  }
  return D;
}

/** Σ (x_i − x_j)² over the union of two rows' columns. */
function squaredDistance({ indptr, indices, data }: CsrMatrix, i: number, j: number): number {
  let p = indptr[i]!;
  let q = indptr[j]!;
  const pEnd = indptr[i + 1]!;
  const qEnd = indptr[j + 1]!;
  let sum = 0;
  while (p < pEnd || q < qEnd) {
    const a = p < pEnd ? indices[p]! : Number.POSITIVE_INFINITY;
    const b = q < qEnd ? indices[q]! : Number.POSITIVE_INFINITY;
    const difference = a === b ? data[p++]! - data[q++]! : a < b ? data[p++]! : data[q++]!;
    sum += difference * difference;
  }
  return sum;
}
