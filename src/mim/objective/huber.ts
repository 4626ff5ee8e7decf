import { abs, minimum, mul, square, sub, type Tensor } from "../ops.ts";

/** Huber loss of each number: e² / 2 where |e| ≤ δ, else δ (|e| - δ / 2). Huber 1964. */
export function huber(pred: Tensor, target: Tensor, delta = 1): Tensor {
  const e = abs(sub(pred, target));
  const near = minimum(e, delta);
  return sub(mul(e, near), mul(square(near), 0.5));
}
