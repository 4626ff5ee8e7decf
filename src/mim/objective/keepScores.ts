/**
 * What a network that scores patches must respect besides its purpose; scores [N, L] between 0, hidden, and 1, kept. CL-MAE
 * (Madan et al. 2024), forward_loss_mask of models_mae.py.
 */
import {
  add,
  type DType,
  div,
  exp,
  expandDims,
  eye,
  log,
  mean,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../ops.ts";

/** Largest where scores are undecided: mean of a Gaussian bell around 0.5, divided by its height 1 / (σ √2π). */
export function undecided(scores: Tensor, sigma = 0.12): Tensor {
  const bell = exp(mul(square(sub(scores, 0.5)), -1 / (2 * sigma * sigma)));
  return mul(mean(bell), sigma * Math.sqrt(2 * Math.PI));
}

/** How far the kept share of each image is from the wanted one: Σ over the batch of p log(p / kept) + (1 - p) log(…). */
export function shareDivergence(scores: Tensor, kept: number): Tensor {
  const p = mean(scores, 1); // [N]
  const q = sub(1, p);
  return sum(add(mul(p, log(div(p, kept))), mul(q, log(div(q, 1 - kept)))));
}

/** How alike the scores of different images are: mean over pairs of exp(-scale · distance). */
export function likeness(scores: Tensor, scale = 0.1): Tensor {
  const N = scores.shape[0]!;
  const dtype = scores.dtype as DType;
  const apart = sum(square(sub(expandDims(scores, 0), expandDims(scores, 1))), 2); // [N, N]
  const distance = sqrt(add(apart, eye(N, dtype))); // a sample's distance to itself has no gradient and is left out
  const pairs = tensor(
    Float64Array.from({ length: N * N }, (_, i) => (i % N > Math.floor(i / N) ? 1 : 0)),
    [N, N],
    dtype,
  );
  return div(sum(mul(exp(mul(distance, -scale)), pairs)), Math.max(1, (N * (N - 1)) / 2));
}
