import { add, div, mean, mul, sqrt, square, sum, type Tensor } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

/**
 * Global response normalisation: each channel is scaled by its norm over all positions relative to the mean norm of the
 * channels, so that channels compete. Woo et al. 2023, §3.2, Eqs. 1-3 and Algorithm 1. x [N, H, W, C]; `name.gamma` and
 * `name.beta` [1, 1, 1, C]. With `active` [N, H, W, 1] the norm is taken over those positions alone, and of the whole
 * batch, as the released sparse layer does; without it, image by image.
 */
export function globalResponseNorm(p: Params, name: string, x: Tensor, active?: Tensor): Tensor {
  const squares = square(active ? mul(x, active) : x);
  // A channel of zeros has norm 0, where the square root has no slope.
  const norm = sqrt(add(sum(squares, active ? [0, 1, 2] : [1, 2], { keepdims: true }), 1e-24)); // [N or 1, 1, 1, C]
  const relative = div(norm, add(mean(norm, -1, { keepdims: true }), 1e-6));
  return add(add(mul(mul(x, relative), param(p, `${name}.gamma`)), param(p, `${name}.beta`)), x);
}

export const globalResponseNormSpecs = (name: string, C: number): ParamSpecs => ({
  [`${name}.gamma`]: { shape: [1, 1, 1, C], init: { constant: 0 } },
  [`${name}.beta`]: { shape: [1, 1, 1, C], init: { constant: 0 } },
});
