import { add, type DType, logSoftmax, mean, mul, neg, oneHot, sum, type Tensor } from "../ops.ts";

/**
 * Cross-entropy of each row against a distribution: logits and targets [..., K] -> [...]. With `temperature` the logits are
 * divided by it first.
 */
export const softCrossEntropy = (logits: Tensor, targets: Tensor, temperature = 1): Tensor =>
  neg(sum(mul(targets, logSoftmax(mul(logits, 1 / temperature))), -1));

/**
 * Cross-entropy of each row against a class: logits [..., K], labels int32 [...] -> [...]. Smoothing spreads that share of
 * the target evenly over all K classes, the right one included. Szegedy et al. 2016, §7.
 */
export function crossEntropy(logits: Tensor, labels: Tensor, { smoothing = 0 } = {}): Tensor {
  const K = logits.shape.at(-1) as number;
  const logP = logSoftmax(logits);
  const right = neg(sum(mul(logP, oneHot(labels, K, logits.dtype as DType)), -1));
  return smoothing === 0 ? right : add(mul(right, 1 - smoothing), mul(mean(logP, -1), -smoothing));
}
