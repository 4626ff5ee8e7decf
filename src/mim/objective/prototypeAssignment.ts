/**
 * Objective of MSN over shares of prototypes. Assran et al. 2022, Masked Siamese Networks, §3: views of one image are to
 * fall on the same prototypes, and the batch as a whole on all of them.
 */
import {
  add,
  div,
  log,
  matmul,
  mean,
  mul,
  neg,
  normalize,
  power,
  softmax,
  sum,
  type Tensor,
  transpose,
} from "../ops.ts";

/**
 * Shares of each view over the prototypes: softmax of the cosines over τ, times the prototypes' labels where they have any.
 * Eq. 1; views [N, D], prototypes [K, D], labels [K, C] -> [N, K] or [N, C].
 */
export function prototypeShares(views: Tensor, prototypes: Tensor, tau = 0.1, labels?: Tensor): Tensor {
  const cosines = matmul(normalize(views), transpose(normalize(prototypes)));
  const shares = softmax(div(cosines, tau));
  return labels ? matmul(shares, labels) : shares;
}

/** Shares [N, K] to the power of 1 / T, rows brought back to the sum 1. §3 "Computing the representations". */
export function sharpen(shares: Tensor, T = 0.25): Tensor {
  const powers = power(shares, 1 / T);
  return div(powers, sum(powers, 1, { keepdims: true }));
}

/** Mean over rows of the cross-entropy of shares against targets, both [N, K] -> []. Eq. 2, first term. */
export const shareCrossEntropy = (shares: Tensor, targets: Tensor): Tensor =>
  neg(mean(sum(mul(targets, log(shares)), 1)));

/** Mean over rows of their entropy, [N, K] -> []. */
export const meanEntropy = (shares: Tensor): Tensor => shareCrossEntropy(shares, shares);

/** log K minus the entropy of the mean row, at least 0: [N, K] -> []. Eq. 2, second term (mean-entropy maximisation). */
export function unevenness(shares: Tensor): Tensor {
  const average = mean(shares, 0); // [K]
  return add(sum(mul(average, log(average))), Math.log(shares.shape[1] as number));
}
