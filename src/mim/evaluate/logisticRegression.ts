/**
 * Multinomial logistic regression: the W, b that minimise
 *
 *   mean_i [ log Σ_k exp z_ik - z_i,label ] + ridge/2 · ‖W‖²,   z_i = W x_i + b,
 *
 * found by L-BFGS. The bias is not penalised. scikit-learn's LogisticRegression(C = 1/(n · ridge)). The iteration starts
 * from Böhning's bound of the Hessian (1992, Multinomial logistic regression algorithm, §2): ½ XᵀX/n + ridge for each
 * class, which takes the features' correlations away.
 */
import { cholesky, choleskySolve } from "./cholesky.ts";
import { lbfgs } from "./lbfgs.ts";

/** A linear classifier: `weight` [K, D] row by row, `bias` [K]. */
export interface LinearClassifier {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/** Fits X [n, D] to labels [n] below K; `from` is a classifier to start at, `precision` says when L-BFGS stops. */
export function logisticRegression(
  X: Float64Array,
  labels: Int32Array,
  K: number,
  ridge: number,
  from?: LinearClassifier,
  precision: { readonly tolerance?: number; readonly iterations?: number } = {},
): LinearClassifier {
  const n = labels.length;
  const D = X.length / n;
  const start = new Float64Array(K * D + K);
  if (from) {
    start.set(from.weight);
    start.set(from.bias, K * D);
  }
  const bound = cholesky(hessianBound(X, n, ridge));
  const z = new Float64Array(K);
  const loss = (theta: Float64Array, gradient: Float64Array): number => {
    let total = 0;
    gradient.fill(0);
    for (let i = 0; i < n; i++) {
      logits(theta, X, i, z, D);
      const label = labels[i]!;
      const most = z.reduce((a, b) => Math.max(a, b));
      const target = z[label]! - most;
      let mass = 0;
      for (let k = 0; k < K; k++) mass += z[k] = Math.exp(z[k]! - most);
      total += Math.log(mass) - target;
      for (let k = 0; k < K; k++) {
        const residual = (z[k]! / mass - (k === label ? 1 : 0)) / n;
        gradient[K * D + k]! += residual;
        for (let d = 0, at = k * D, x = i * D; d < D; d++) gradient[at + d]! += residual * X[x + d]!;
      }
    }
    let squares = 0;
    for (let j = 0; j < K * D; j++) {
      squares += theta[j]! * theta[j]!;
      gradient[j]! += ridge * theta[j]!;
    }
    return total / n + (ridge / 2) * squares;
  };
  const precondition = (gradient: Float64Array) => {
    for (let k = 0; k < K; k++) choleskySolve(bound, gradient.subarray(k * D, (k + 1) * D));
    for (let k = 0; k < K; k++) gradient[K * D + k]! *= 2;
  };
  const solution = lbfgs(loss, start, precondition, precision);
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

/** ½ XᵀX/n + ridge · 1, [D, D]. */
function hessianBound(X: Float64Array, n: number, ridge: number): Float64Array {
  const D = X.length / n;
  const A = new Float64Array(D * D);
  for (let x = 0; x < X.length; x += D) {
    for (let d = 0; d < D; d++) {
      const scaled = (0.5 / n) * X[x + d]!;
      for (let e = 0, at = d * D; e <= d; e++) A[at + e]! += scaled * X[x + e]!;
    }
  }
  for (let d = 0; d < D; d++) A[d * D + d]! += ridge;
  return A;
}
