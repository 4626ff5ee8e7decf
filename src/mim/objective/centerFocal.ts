import { div, equal, maximum, mul, neg, power, sigmoid, softplus, sub, sum, type Tensor, where } from "../ops.ts";

/**
 * Focal loss of a map of centres, divided by their number: scores before the sigmoid and wanted heat, equal shapes -> []. Where
 * heat is 1, -(1 - p)² log p; elsewhere -(1 - heat)⁴ p² log(1 - p), so that near misses cost little. CenterNet, Zhou et al. 2019,
 * Eq. 1.
 */
export function centerFocal(scores: Tensor, heat: Tensor): Tensor {
  const p = sigmoid(scores);
  const hit = mul(power(sub(1, p), 2), softplus(neg(scores))); // -log p = softplus(-x)
  const miss = mul(mul(power(sub(1, heat), 4), power(p, 2)), softplus(scores));
  const isCenter = equal(heat, 1);
  return div(sum(where(isCenter, hit, miss)), maximum(sum(where(isCenter, 1, mul(heat, 0))), 1));
}
