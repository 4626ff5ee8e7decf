/**
 * Objectives for a head that foretells each patch's reconstruction loss; pred and losses [N, M]. The losses are targets:
 * no gradient flows into them. HPM, forward_learning_loss of models_mae_learn_loss.py.
 */
import {
  add,
  cast,
  type DType,
  div,
  expandDims,
  greater,
  log,
  mean,
  mul,
  neg,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
  variance,
} from "../ops.ts";

/** Which of two patches is harder: binary cross-entropy over all pairs of unequal losses -> []. */
export function relativeLossPrediction(pred: Tensor, losses: Tensor, eps = 1e-6): Tensor {
  const difference = (x: Tensor) => sub(expandDims(x, 1), expandDims(x, 2)); // [N, M, M], x_j - x_i
  const harder = cast(greater(difference(stopGradient(losses)), 0), pred.dtype as DType);
  const easier = transpose(harder, [0, 2, 1]);
  const p = sigmoid(difference(pred));
  const terms = add(mul(harder, log(add(p, eps))), mul(easier, log(add(sub(1, p), eps))));
  return neg(div(sum(terms), add(sum(harder), sum(easier))));
}

/** Mean square difference to the losses, normalised image by image -> []. */
export function absoluteLossPrediction(pred: Tensor, losses: Tensor, eps = 1e-6): Tensor {
  const fixed = stopGradient(losses);
  const centred = sub(fixed, mean(fixed, 1, { keepdims: true }));
  const target = div(centred, sqrt(add(variance(fixed, 1, { correction: 1, keepdims: true }), eps)));
  return mean(square(sub(pred, target)));
}
