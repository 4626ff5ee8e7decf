import { type CsrMatrix, transpose } from "../text/csrMatrix.ts";

/**
 * Documents without structure: each term's weights are dealt to documents drawn at random, apart from the other
 * terms, and the rows are brought back to length 1. How often a term occurs stays, what it occurs with does not.
 */
export function shuffleTerms(X: CsrMatrix, random: () => number): CsrMatrix {
  const [nDocs, nTerms] = X.shape;
  const columns = transpose(X);
  const docs = Int32Array.from({ length: nDocs }, (_, i) => i);
  const indices = new Int32Array(columns.indices.length);
  for (let j = 0; j < nTerms; j++) {
    for (let p = columns.indptr[j]!; p < columns.indptr[j + 1]!; p++) {
      const drawn = p - columns.indptr[j]!;
      const other = drawn + Math.floor(random() * (nDocs - drawn));
      [docs[drawn], docs[other]] = [docs[other]!, docs[drawn]!];
      indices[p] = docs[drawn]!;
    }
  }
  return unitRows(transpose({ ...columns, indices }));
}

function unitRows({ indptr, indices, data, shape }: CsrMatrix): CsrMatrix {
  const unit = data.slice();
  for (let i = 0; i < shape[0]; i++) {
    const row = unit.subarray(indptr[i]!, indptr[i + 1]!);
    const norm = Math.hypot(...row);
    if (norm > 0) for (let p = 0; p < row.length; p++) row[p]! /= norm;
  }
  return { indptr, indices, data: unit, shape };
}
