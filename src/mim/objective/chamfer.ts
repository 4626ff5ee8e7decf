import { add, expandDims, maximum, mean, min, mul, sqrt, square, sub, sum, type Tensor } from "../ops.ts";

/** Squared distance of every point of a set [B, n, 3] to the nearest of another [B, m, 3], both ways: [B, n], [B, m]. */
export function nearestSquares(a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
  const squares = sum(square(sub(expandDims(a, 2), expandDims(b, 1))), -1); // [B, n, m]
  return [min(squares, 2), min(squares, 1)];
}

/** Chamfer distance of point sets: the mean squared nearest distances of both ways, added. Fan et al. 2017, Eq. 1. */
export function chamferL2(a: Tensor, b: Tensor): Tensor {
  const [there, back] = nearestSquares(a, b);
  return add(mean(there), mean(back));
}

/** Mean of both ways' mean nearest distances, not squared. A point on its neighbour adds nothing to the gradient. */
export function chamferL1(a: Tensor, b: Tensor): Tensor {
  const [there, back] = nearestSquares(a, b).map((d) => mean(sqrt(maximum(d, 1e-20)))) as [Tensor, Tensor];
  return mul(add(there, back), 0.5);
}
