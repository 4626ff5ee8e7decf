import type { CsrMatrix } from "./csrMatrix.ts";

export interface TfidfOptions {
  /** Weight a count c as 1 + ln c. Default false. */
  readonly sublinear?: boolean;
  /** Terms in fewer documents are left out: a number of documents from 1, or a share of them below 1. Default 1. */
  readonly minDf?: number;
  /** Terms in more documents are left out: a number of documents from 1, or a share of them below 1. Default: none. */
  readonly maxDf?: number;
}

export interface Tfidf {
  /** [nDocs, nKept] weights; rows of length 1, or 0 where a document has no term left. */
  readonly X: CsrMatrix;
  /** [nKept] sorted. */
  readonly terms: readonly string[];
  /** [nKept] */
  readonly idf: Float64Array;
  /** [nKept] column each kept term had in the counts. */
  readonly columns: Int32Array;
}

/**
 * scikit-learn's TF-IDF: tf · idf with idf = ln((1 + n) / (1 + df)) + 1, then unit rows (TfidfTransformer with
 * smooth_idf and norm="l2").
 */
export function tfidf(
  { X: counts, terms }: { readonly X: CsrMatrix; readonly terms: readonly string[] },
  { sublinear = false, minDf = 1, maxDf = Number.POSITIVE_INFINITY }: TfidfOptions = {},
): Tfidf {
  const [nDocs, nTerms] = counts.shape;
  const df = new Int32Array(nTerms);
  for (let p = 0; p < counts.indices.length; p++) df[counts.indices[p]!]!++;
  const fewest = minDf < 1 ? minDf * nDocs : minDf;
  const most = maxDf < 1 ? maxDf * nDocs : maxDf;
  const kept = new Int32Array(nTerms).fill(-1);
  let columns = new Int32Array(nTerms);
  let nKept = 0;
  for (let j = 0; j < nTerms; j++) {
    if (df[j]! < fewest || df[j]! > most) continue;
    columns[nKept] = j;
    kept[j] = nKept++;
  }
  columns = columns.slice(0, nKept);
  const idf = new Float64Array(nKept);
  for (let k = 0; k < nKept; k++) idf[k] = Math.log((1 + nDocs) / (1 + df[columns[k]!]!)) + 1;

  const indptr = new Int32Array(nDocs + 1);
  const indices = new Int32Array(counts.indices.length);
  const data = new Float64Array(counts.indices.length);
  let nnz = 0;
  for (let i = 0; i < nDocs; i++) {
    let sumOfSquares = 0;
    for (let p = counts.indptr[i]!; p < counts.indptr[i + 1]!; p++) {
      const k = kept[counts.indices[p]!]!;
      if (k < 0) continue;
      const count = counts.data[p]!;
      const weight = (sublinear ? Math.log(count) + 1 : count) * idf[k]!;
      indices[nnz] = k;
      data[nnz++] = weight;
      sumOfSquares += weight * weight;
    }
    const norm = Math.sqrt(sumOfSquares);
    for (let q = indptr[i]!; q < nnz; q++) data[q]! /= norm;
    indptr[i + 1] = nnz;
  }
  return {
    X: { indptr, indices: indices.subarray(0, nnz), data: data.subarray(0, nnz), shape: [nDocs, nKept] },
    terms: nKept === nTerms ? terms : Array.from(columns, (j) => terms[j]!),
    idf,
    columns,
  };
}
