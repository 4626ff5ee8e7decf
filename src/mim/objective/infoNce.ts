import { matmul, mean, mul, normalize, range, type Tensor, transpose } from "../ops.ts";
import { crossEntropy } from "./crossEntropy.ts";

/**
 * Cross-entropy that picks each query's own key among all keys of the batch by cosine similarity over τ: q, k [N, D] -> [].
 * van den Oord et al. 2018; survey §2.2, Eq. (1) with the batch as negatives.
 */
export function infoNce(q: Tensor, k: Tensor, temperature: number): Tensor {
  const similarity = matmul(normalize(q), transpose(normalize(k))); // [N, N]
  return mean(crossEntropy(mul(similarity, 1 / temperature), range(q.shape[0]!)));
}
