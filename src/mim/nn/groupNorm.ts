import { add, div, mean, mul, reshape, sqrt, square, sub, type Tensor } from "../ops.ts";
import { type Params, param } from "./params.ts";

/**
 * Group normalisation with one group: x [N, C, ...] of each sample to mean 0 and variance 1 over channels and places, then
 * `name.weight` and `name.bias` [C]. Wu and He 2018, §3.
 */
export function groupNorm(p: Params, name: string, x: Tensor, eps: number): Tensor {
  const within = x.shape.flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  const channel = [1, -1, ...x.shape.slice(2).map(() => 1)];
  const centred = sub(x, mean(x, within, { keepdims: true }));
  const normed = div(centred, sqrt(add(mean(square(centred), within, { keepdims: true }), eps)));
  return add(mul(normed, reshape(param(p, `${name}.weight`), channel)), reshape(param(p, `${name}.bias`), channel));
}
