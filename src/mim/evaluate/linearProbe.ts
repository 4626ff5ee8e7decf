/**
 * Linear probe: how well a linear classifier on frozen features tells the classes apart. A closed recipe, no learning
 * rate and no randomness: features standardised by the training set, multinomial logistic regression to its minimum, the
 * ridge of `RIDGES` that is best on every fifth training example when fitted on the others (the larger one of equals),
 * then a fit on all training examples.
 */
import { type Accuracy, accuracyOf } from "./accuracy.ts";
import { type Labelled, sizeOf } from "./labelled.ts";
import { classify, type LinearClassifier, logisticRegression } from "./logisticRegression.ts";

/** Ridges tried, from the strongest. */
const RIDGES = [1, 0.1, 0.01, 0.001, 0.0001];

/** Answers have long settled when the gradient is this small; a minimum to more digits takes several times as long. */
const PRECISION = { tolerance: 3e-4, iterations: 100 };

/** Test accuracy and the ridge that the training set chose. */
export interface ProbeResult extends Accuracy {
  readonly ridge: number;
}

export function linearProbe(train: Labelled, test: Labelled): ProbeResult {
  const { n, D } = sizeOf(train);
  const width = sizeOf(test).D;
  if (width !== D) throw new RangeError(`linearProbe: expected test features [n, ${D}], found [n, ${width}]`);
  const K = 1 + train.labels.reduce((a, b) => Math.max(a, b));
  const scale = standardizer(train.features.data, D);
  const X = scale(train.features.data);

  const held = (i: number) => i % 5 === 4;
  const fitted = { X: rows(X, D, (i) => !held(i)), labels: train.labels.filter((_, i) => !held(i)) };
  const judged = { X: rows(X, D, held), labels: train.labels.filter((_, i) => held(i)) };
  let best = { ridge: RIDGES[0]!, accuracy: -1 };
  let model: LinearClassifier | undefined;
  for (const ridge of n < 5 ? [] : RIDGES) {
    model = logisticRegression(fitted.X, fitted.labels, K, ridge, model, PRECISION);
    const { accuracy } = accuracyOf(classify(model, judged.X), judged.labels);
    if (accuracy > best.accuracy) best = { ridge, accuracy };
  }
  const final = logisticRegression(X, train.labels, K, best.ridge, undefined, PRECISION);
  return { ...accuracyOf(classify(final, scale(test.features.data)), test.labels), ridge: best.ridge };
}

/** Maps rows of D features to mean 0 and variance 1 on the given ones; a feature that never varies to 0. */
function standardizer(data: ArrayLike<number>, D: number): (data: ArrayLike<number>) => Float64Array {
  const n = data.length / D;
  const mean = new Float64Array(D);
  const deviation = new Float64Array(D);
  for (let i = 0; i < data.length; i++) mean[i % D]! += data[i]! / n;
  for (let i = 0; i < data.length; i++) deviation[i % D]! += (data[i]! - mean[i % D]!) ** 2 / n;
  const gain = deviation.map((v, d) => (v > (1e-12 * mean[d]!) ** 2 ? 1 / Math.sqrt(v) : 0));
  return (other) => Float64Array.from({ length: other.length }, (_, i) => (other[i]! - mean[i % D]!) * gain[i % D]!);
}

const rows = (X: Float64Array, D: number, wanted: (i: number) => boolean): Float64Array =>
  X.filter((_, at) => wanted(Math.floor(at / D)));
