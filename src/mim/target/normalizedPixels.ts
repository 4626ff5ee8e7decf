import { add, div, mean, sqrt, sub, type Tensor, variance } from "../ops.ts";

/** Patches [N, L, F], each to mean 0 and variance 1 (divided by F - 1). MAE §3 "Reconstruction target". */
export function normalizedPixels(patches: Tensor, eps = 1e-6): Tensor {
  const centred = sub(patches, mean(patches, -1, { keepdims: true }));
  return div(centred, sqrt(add(variance(patches, -1, { correction: 1, keepdims: true }), eps)));
}
