/**
 * Multinomial logistic regression: the W, b that minimise
 *
 *   mean_i [ log Σ_k exp z_ik - z_i,label ] + ridge/2 · ‖W‖²,   z_i = W x_i + b,
 *
 * found by L-BFGS from zero. The bias is not penalised. scikit-learn's LogisticRegression(C = 1/(n · ridge)).
 */
import { lbfgs } from "./lbfgs.ts";

/** A linear classifier: `weight` [K, D] row by row, `bias` [K]. */
export interface LinearClassifier {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/** Fits X [n, D] to labels [n] below K; `from` is a classifier to start at. */
export function logisticRegression(
  X: Float64Array,
  labels: Int32Array,
  K: number,
  ridge: number,
  from?: LinearClassifier,
): LinearClassifier {
  const n = labels.length;
  const D = X.length / n;
  const start = new Float64Array(K * D + K);
  if (from) {
    start.set(from.weight);
    start.set(from.bias, K * D);
  }
  const z = new Float64Array(K);
  const solution = lbfgs((theta, gradient) => {
    let loss = 0;
    gradient.fill(0);
    for (let i = 0; i < n; i++) {
      logits(theta, X, i, z, D);
      const label = labels[i]!;
      const most = z.reduce((a, b) => Math.max(a, b));
      const target = z[label]! - most;
      let total = 0;
      for (let k = 0; k < K; k++) total += z[k] = Math.exp(z[k]! - most);
      loss += Math.log(total) - target;
      for (let k = 0; k < K; k++) {
        const residual = (z[k]! / total - (k === label ? 1 : 0)) / n;
        gradient[K * D + k]! += residual;
        for (let d = 0, at = k * D, x = i * D; d < D; d++) gradient[at + d]! += residual * X[x + d]!;
      }
    }
    let squares = 0;
    for (let j = 0; j < K * D; j++) {
      squares += theta[j]! * theta[j]!;
      gradient[j]! += ridge * theta[j]!;
    }
    return loss / n + (ridge / 2) * squares;
  }, start);
  return { weight: solution.slice(0, K * D), bias: solution.slice(K * D) };
}

/** The class of largest logit for each row of X [n, D]; the lower one of equals. */
export function classify({ weight, bias }: LinearClassifier, X: Float64Array): Int32Array {
  const K = bias.length;
  const D = weight.length / K;
  const theta = Float64Array.of(...weight, ...bias);
  const z = new Float64Array(K);
  return Int32Array.from({ length: X.length / D }, (_, i) => {
    logits(theta, X, i, z, D);
    return z.indexOf(z.reduce((a, b) => Math.max(a, b)));
  });
}

/** z = W x_i + b; theta holds W [K, D] and then b [K]. */
function logits(theta: Float64Array, X: Float64Array, i: number, z: Float64Array, D: number): void {
  const K = z.length;
  const x = i * D;
  for (let k = 0; k < K; k++) {
    const w = k * D;
    let [a, b, c, e] = [0, 0, 0, 0]; // four partial sums: the additions of one do not wait for those of another
    let d = 0;
    for (; d + 3 < D; d += 4) {
      a += theta[w + d]! * X[x + d]!;
      b += theta[w + d + 1]! * X[x + d + 1]!;
      c += theta[w + d + 2]! * X[x + d + 2]!;
      e += theta[w + d + 3]! * X[x + d + 3]!;
    }
    for (; d < D; d++) a += theta[w + d]! * X[x + d]!;
    z[k] = a + b + (c + e) + theta[K * D + k]!;
  }
}
