import { logSoftmax, mul, softmax, sub, sum, type Tensor } from "../ops.ts";

/**
 * How far a distribution is from the one it should be, KL(q ‖ p) = Σ q (log q - log p), both given by their logits
 * [..., K] -> [...]. Unlike the cross-entropy it is 0 where p = q. Kullback and Leibler 1951.
 */
export function kullbackLeibler(target: Tensor, pred: Tensor): Tensor {
  return sum(mul(softmax(target), sub(logSoftmax(target), logSoftmax(pred))), -1);
}
