import { add, div, expandDims, mean, mul, relu, sqrt, square, sub, sum, type Tensor } from "../ops.ts";

/**
 * Mean over channels of max(0, margin - deviation), the deviation taken over the masked tokens of the batch (divided by
 * their number less one): tokens [N, L, D], mask [N, L], 1 masked -> []. Keeps predictions from falling together. Bardes et
 * al. 2022, Eq. 1; data2vec's vision code.
 */
export function varianceHinge(tokens: Tensor, mask: Tensor, margin: number): Tensor {
  const w = expandDims(mask, -1);
  const n = sum(mask);
  const average = div(sum(mul(tokens, w), [0, 1], { keepdims: true }), n);
  const variances = div(sum(mul(square(sub(tokens, average)), w), [0, 1]), sub(n, 1));
  return mean(relu(sub(margin, sqrt(add(variances, 1e-6)))));
}
