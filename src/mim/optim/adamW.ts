import { type Params, param } from "../nn/params.ts";
import { add, type DType, div, mul, power, sqrt, square, sub, type Tensor, zeros, zerosLike } from "../ops.ts";
import { mapParams, type Optimizer, ruleOf } from "./optimizer.ts";

export interface AdamWOptions {
  readonly betas?: readonly [number, number];
  readonly eps?: number;
}

/**
 * Adam with decoupled weight decay. Loshchilov and Hutter 2019, Algorithm 2, as PyTorch steps it: weights shrink by
 * lr · weightDecay first, and eps is added to the root of the corrected second moment.
 */
export function adamW({ betas: [b1, b2] = [0.9, 0.999], eps = 1e-8 }: AdamWOptions = {}): Optimizer {
  return {
    init: (params) => ({
      step: zeros([], Object.values(params)[0]?.dtype as DType),
      mean: mapParams(params, zerosLike),
      square: mapParams(params, zerosLike),
    }),
    update(state, params, grads, lr, rules) {
      const step = add(state.step, 1);
      const mean = mapParams(state.mean as Params, (m, name) => blend(m, param(grads, name), b1));
      const squares = mapParams(state.square as Params, (v, name) => blend(v, square(param(grads, name)), b2));
      const [left1, left2] = [sub(1, power(b1, step)), sub(1, power(b2, step))]; // bias corrections, []
      const next = mapParams(mean, (m, name) => {
        const { lrScale, weightDecay } = ruleOf(rules, name);
        const rate = mul(lr, lrScale);
        const shrunk = mul(param(params, name), sub(1, mul(rate, weightDecay)));
        const scale = add(sqrt(div(squares[name] as Tensor, left2)), eps);
        return sub(shrunk, mul(rate, div(div(m, left1), scale)));
      });
      return { params: { ...params, ...next }, state: { step, mean, square: squares } };
    },
  };
}

const blend = (old: Tensor, fresh: Tensor, beta: number): Tensor => add(mul(old, beta), mul(fresh, 1 - beta));
