import { add, div, mean, mul, sqrt, square, sub, type Tensor } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

/** Last axis to mean 0 and variance 1, without scale and shift. Ba et al. 2016. */
export function standardize(x: Tensor, eps: number): Tensor {
  const centred = sub(x, mean(x, -1, { keepdims: true }));
  return div(centred, sqrt(add(mean(square(centred), -1, { keepdims: true }), eps)));
}

/** Layer normalisation over the last axis with `name.weight` and `name.bias` [D]. */
export const layerNorm = (p: Params, name: string, x: Tensor, eps: number): Tensor =>
  add(mul(standardize(x, eps), param(p, `${name}.weight`)), param(p, `${name}.bias`));

export const layerNormSpecs = (name: string, D: number): ParamSpecs => ({
  [`${name}.weight`]: { shape: [D], init: { constant: 1 } },
  [`${name}.bias`]: { shape: [D], init: { constant: 0 } },
});
