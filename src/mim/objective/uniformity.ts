import { matmul, mean, normalize, square, type Tensor, transpose } from "../ops.ts";

/**
 * Mean squared cosine similarity over all pairs of a batch, a sample with itself included: features [N, D] -> []. From
 * 1 / N for orthogonal features to 1 for identical ones. U-MAE, as released in loss_func.py (zhangq327/U-MAE).
 */
export function uniformity(features: Tensor): Tensor {
  const f = normalize(features); // [N, D]
  return mean(square(matmul(f, transpose(f))));
}
