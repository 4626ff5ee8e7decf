/** Groups of vectors by direction, on the host: BEiT v2 starts its codebook from them, beit2/norm_ema_quantizer.py. */
import type { Draws } from "../draws.ts";

export interface KMeans {
  /** [K, d] */
  readonly means: Float64Array;
  /** [K], vectors nearest to each mean before its last move. */
  readonly counts: Int32Array;
}

/**
 * Lloyd's iterations with the inner product as likeness: vectors [M, d] of unit length; the first means are drawn vectors.
 * A mean that no vector is nearest to stays where it is. Dhillon and Modha 2001, spherical k-means.
 */
export function kMeans(draws: Draws, vectors: ArrayLike<number>, d: number, K: number, iterations: number): KMeans {
  const M = vectors.length / d;
  const means = new Float64Array(K * d);
  draws
    .permutation(M)
    .subarray(0, K)
    .forEach((row, k) => {
      for (let j = 0; j < d; j++) means[k * d + j] = vectors[row * d + j]!;
    });
  const counts = new Int32Array(K);
  for (let i = 0; i < iterations; i++) {
    counts.fill(0);
    const sums = new Float64Array(K * d);
    for (let m = 0; m < M; m++) {
      const k = nearest(means, vectors, m, d, K);
      counts[k]!++;
      for (let j = 0; j < d; j++) sums[k * d + j]! += vectors[m * d + j]!;
    }
    for (let k = 0; k < K; k++) {
      if (counts[k] === 0) continue;
      const length = Math.max(1e-12, Math.hypot(...sums.subarray(k * d, (k + 1) * d)) / counts[k]!);
      for (let j = 0; j < d; j++) means[k * d + j] = sums[k * d + j]! / counts[k]! / length;
    }
  }
  return { means, counts };
}

function nearest(means: Float64Array, vectors: ArrayLike<number>, m: number, d: number, K: number): number {
  let best = 0;
  let most = -Infinity;
  for (let k = 0; k < K; k++) {
    let product = 0;
    for (let j = 0; j < d; j++) product += means[k * d + j]! * vectors[m * d + j]!;
    if (product > most) [best, most] = [k, product];
  }
  return best;
}
