/**
 * Compressed sparse rows, as in scipy.sparse: row i holds data[indptr[i] .. indptr[i + 1]) at the columns
 * indices[indptr[i] .. indptr[i + 1]), which rise within a row.
 */
export interface CsrMatrix {
  /** [nRows + 1], starts at 0. */
  readonly indptr: Int32Array;
  /** [nnz], column of each value. */
  readonly indices: Int32Array;
  /** [nnz] */
  readonly data: Float64Array;
  readonly shape: readonly [nRows: number, nColumns: number];
}

/** The transpose; transposing twice sorts the columns within each row. */
export function transpose({ indptr, indices, data, shape: [nRows, nColumns] }: CsrMatrix): CsrMatrix {
  const outIndptr = new Int32Array(nColumns + 1);
  for (const j of indices) outIndptr[j + 1]!++;
  for (let j = 0; j < nColumns; j++) outIndptr[j + 1]! += outIndptr[j]!;
  const next = outIndptr.slice(0, nColumns);
  const outIndices = new Int32Array(indices.length);
  const outData = new Float64Array(indices.length);
  for (let i = 0; i < nRows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      const q = next[indices[p]!]!++;
      outIndices[q] = i;
      outData[q] = data[p]!;
    }
  }
  return { indptr: outIndptr, indices: outIndices, data: outData, shape: [nColumns, nRows] };
}
