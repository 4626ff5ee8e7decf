import { standardize } from "../nn/layerNorm.ts";
import { add, div, mean, normalize, sqrt, sub, type Tensor, variance } from "../ops.ts";

/** "whiten": each token to mean 0 and variance 1; "l2": to unit length; "batch": all numbers to mean 0 and variance 1 at once. */
export type FeatureNorm = "none" | "l2" | "whiten" | "batch";

/** A teacher's features [N, L, F] made comparable. MaskAlign, Xue et al. 2023, §3.3; get_teacher of models_pretrain.py. */
export function normalizedFeatures(x: Tensor, how: FeatureNorm): Tensor {
  if (how === "none") return x;
  if (how === "l2") return normalize(x);
  if (how === "whiten") return standardize(x, 1e-5);
  const numbers = x.shape.map((_, axis) => axis);
  return div(sub(x, mean(x)), sqrt(add(variance(x, numbers, { correction: 1 }), 1e-6)));
}
