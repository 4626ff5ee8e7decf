import { mul, softplus, sub, type Tensor } from "../ops.ts";

/** Cross-entropy of each logit against a label of 0 or 1, of equal shapes, from the logit itself: log(1 + e^x) - x y. */
export const binaryCrossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  sub(softplus(logits), mul(logits, labels));
