import { div, mul, sum, type Tensor } from "../ops.ts";

/**
 * Shares assigned evenly: scores [N, K], all positive -> [N, K], rows that sum to 1 while the K columns come close to equal
 * sums N / K. Each round scales the columns, then the rows. Sinkhorn and Knopp 1967; Cuturi 2013; SwAV §3.1.
 */
export function sinkhorn(scores: Tensor, rounds = 3): Tensor {
  const [N, K] = scores.shape as [number, number];
  let Q = div(scores, sum(scores));
  for (let round = 0; round < rounds; round++) {
    Q = mul(div(Q, sum(Q, 0, { keepdims: true })), 1 / K);
    Q = mul(div(Q, sum(Q, 1, { keepdims: true })), 1 / N);
  }
  return mul(Q, N);
}
