/** Share of right answers on a test set, and its standard error √(a(1 - a)/n). */
export interface Accuracy {
  readonly accuracy: number;
  readonly standardError: number;
}

/** Compares predicted with true classes, [n] each. */
export function accuracyOf(predicted: Int32Array, labels: Int32Array): Accuracy {
  if (predicted.length !== labels.length || labels.length === 0) {
    throw new RangeError(`accuracyOf: expected ${labels.length} (above 0) answers, found ${predicted.length}`);
  }
  const accuracy = labels.reduce((right, label, i) => right + (predicted[i] === label ? 1 : 0), 0) / labels.length;
  return { accuracy, standardError: Math.sqrt((accuracy * (1 - accuracy)) / labels.length) };
}
