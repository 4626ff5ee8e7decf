import { add, mean, minimum, square, sub, type Tensor } from "../ops.ts";

/**
 * Mean square difference to a direction or to its opposite, whichever is nearer: [..., 3] twice -> [...]. A surface's normal, and
 * any eigenvector, is given up to its sign.
 */
export const signFree = (pred: Tensor, target: Tensor): Tensor =>
  minimum(mean(square(sub(pred, target)), -1), mean(square(add(pred, target)), -1));
