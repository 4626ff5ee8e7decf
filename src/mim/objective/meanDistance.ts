import { abs, mean, square, sub, type Tensor } from "../ops.ts";

/** Mean absolute or mean square difference over all numbers of two tensors of equal shape -> []. */
export const meanDistance = (kind: "l1" | "l2", a: Tensor, b: Tensor): Tensor =>
  mean(kind === "l1" ? abs(sub(a, b)) : square(sub(a, b)));
