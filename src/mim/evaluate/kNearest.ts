import { type Accuracy, accuracyOf } from "./accuracy.ts";
import { type Labelled, sizeOf } from "./labelled.ts";

/**
 * Accuracy of a vote among the k nearest training examples by cosine similarity, each vote weighted exp(similarity/T).
 * Caron et al. 2021 (DINO), appendix F.1, after Wu et al. 2018, §3.4: k = 20, T = 0.07. Of equal similarities the earlier
 * example counts, of equal votes the lower class.
 */
export function kNearest(train: Labelled, test: Labelled, { k = 20, temperature = 0.07 } = {}): Accuracy {
  const { n, D } = sizeOf(train);
  const { n: tests, D: width } = sizeOf(test);
  if (width !== D) throw new RangeError(`kNearest: expected test features [n, ${D}], found [n, ${width}]`);
  if (!(Number.isInteger(k) && k > 0)) throw new RangeError(`kNearest: expected k above 0, found ${k}`);
  const X = unitRows(train.features.data, D);
  const Y = unitRows(test.features.data, D);
  const similarity = new Float64Array(n);
  const sorted = new Float64Array(n);
  const votes = new Float64Array(1 + train.labels.reduce((a, b) => Math.max(a, b)));
  const predicted = Int32Array.from({ length: tests }, (_, t) => {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += X[i * D + d]! * Y[t * D + d]!;
      similarity[i] = sum;
    }
    sorted.set(similarity);
    const least = sorted.sort()[Math.max(0, n - k)]!; // of the k nearest
    let ties = k - similarity.reduce((above, s) => above + (s > least ? 1 : 0), 0);
    votes.fill(0);
    for (let i = 0; i < n; i++) {
      if (similarity[i]! > least || (similarity[i] === least && ties-- > 0)) {
        votes[train.labels[i]!]! += Math.exp(similarity[i]! / temperature);
      }
    }
    return votes.indexOf(votes.reduce((a, b) => Math.max(a, b)));
  });
  return accuracyOf(predicted, test.labels);
}

/** Rows of D features divided by their length. */
function unitRows(data: ArrayLike<number>, D: number): Float64Array {
  const out = Float64Array.from(data);
  for (let start = 0; start < out.length; start += D) {
    const row = out.subarray(start, start + D);
    const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    if (length > 0) for (let d = 0; d < D; d++) row[d]! /= length;
  }
  return out;
}
