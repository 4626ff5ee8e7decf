import { add, div, mean, mul, reshape, sqrt, square, sub, sum, type Tensor } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

/**
 * Batch normalisation as in training: every channel of x [N, C, ...] to mean 0 and variance 1 over the batch and all
 * positions, then `name.weight` and `name.bias` [C]. Ioffe and Szegedy 2015, Algorithm 1. With `active` [N, 1, ...] (1 or
 * 0) only those positions count and all others come out 0, as in SparK's sparse normalisation. A checkpoint's running
 * statistics are not used.
 */
export function batchNorm(p: Params, name: string, x: Tensor, { eps = 1e-5, active }: BatchNormOptions = {}): Tensor {
  const across = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const channel = [1, -1, ...x.shape.slice(2).map(() => 1)];
  const average = (values: Tensor): Tensor =>
    active
      ? div(sum(mul(values, active), across, { keepdims: true }), sum(active))
      : mean(values, across, { keepdims: true });
  const centred = sub(x, average(x));
  const normed = div(centred, sqrt(add(average(square(centred)), eps)));
  const scale = p[`${name}.weight`];
  const y = scale ? add(mul(normed, reshape(scale, channel)), reshape(param(p, `${name}.bias`), channel)) : normed;
  return active ? mul(y, active) : y;
}

export interface BatchNormOptions {
  readonly eps?: number;
  readonly active?: Tensor;
}

export const batchNormSpecs = (name: string, C: number): ParamSpecs => ({
  [`${name}.weight`]: { shape: [C], init: { constant: 1 } },
  [`${name}.bias`]: { shape: [C], init: { constant: 0 } },
});
