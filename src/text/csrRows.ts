import type { CsrMatrix } from "./csrMatrix.ts";

/** Some rows of a matrix, in the order given. */
export function csrRows({ indptr, indices, data, shape }: CsrMatrix, rows: ArrayLike<number>): CsrMatrix {
  const starts = new Int32Array(rows.length + 1);
  for (let r = 0; r < rows.length; r++) starts[r + 1] = starts[r]! + indptr[rows[r]! + 1]! - indptr[rows[r]!]!;
  const columns = new Int32Array(starts[rows.length]!);
  const values = new Float64Array(starts[rows.length]!);
  for (let r = 0; r < rows.length; r++) {
    const [from, to] = [indptr[rows[r]!]!, indptr[rows[r]! + 1]!];
    columns.set(indices.subarray(from, to), starts[r]!);
    values.set(data.subarray(from, to), starts[r]!);
  }
  return { indptr: starts, indices: columns, data: values, shape: [rows.length, shape[1]] };
}
