import type { CsrMatrix } from "../text/csrMatrix.ts";

/**
 * Terms that set each cluster apart: class-based TF-IDF (Grootendorst 2022), the share of a cluster's weight that a term
 * holds times ln(1 + mean weight of a cluster / weight of the term over all).
 *
 * @param X [nDocs, nTerms] weights
 * @param labels [nDocs], from 1
 * @returns for each cluster its `count` best columns, best first
 */
export function distinctiveTerms(X: CsrMatrix, labels: Int32Array, count: number): number[][] {
  const [nDocs, nTerms] = X.shape;
  const k = labels.reduce((most, label) => Math.max(most, label), 0);
  const weight = Array.from({ length: k }, () => new Float64Array(nTerms));
  const all = new Float64Array(nTerms);
  for (let i = 0; i < nDocs; i++) {
    for (let p = X.indptr[i]!; p < X.indptr[i + 1]!; p++) {
      weight[labels[i]! - 1]![X.indices[p]!]! += X.data[p]!;
      all[X.indices[p]!]! += X.data[p]!;
    }
  }
  const totals = weight.map((w) => w.reduce((a, b) => a + b, 0));
  const mean = totals.reduce((a, b) => a + b, 0) / k;
  return weight.map((w, c) => {
    const score = (j: number) => (w[j]! / totals[c]!) * Math.log(1 + mean / all[j]!);
    const present = Array.from(w.keys()).filter((j) => w[j]! > 0);
    const scores = new Map(present.map((j) => [j, score(j)]));
    return present.sort((a, b) => scores.get(b)! - scores.get(a)! || a - b).slice(0, count);
  });
}
