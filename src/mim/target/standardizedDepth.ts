import type { HostTensor } from "../method.ts";

/**
 * Depth maps [N, 1, H, W], each to mean 0 and variance 1 (divided by one less) of its values without the lowest and the highest share
 * `trim` of them, so that a few far points do not set the scale. MultiMAE, Bachmann et al. 2022; EPFL-VILAB/MultiMAE,
 * run_pretraining_multimae.py, with `trim` 0.1.
 */
export function standardizedDepth({ shape, data }: HostTensor, trim: number, eps = 1e-6): HostTensor {
  const N = shape[0]!;
  const P = data.length / N;
  const out = new Float64Array(data.length);
  for (let n = 0; n < N; n++) {
    const own = data.subarray(n * P, (n + 1) * P);
    const middle = Float64Array.from(own)
      .sort()
      .subarray(Math.floor(trim * P), Math.floor((1 - trim) * P));
    const mean = middle.reduce((a, b) => a + b, 0) / middle.length;
    const variance = middle.reduce((a, b) => a + (b - mean) ** 2, 0) / (middle.length - 1);
    own.forEach((x, i) => {
      out[n * P + i] = (x - mean) / Math.sqrt(variance + eps);
    });
  }
  return { shape, data: out };
}
