import { type Params, param } from "../nn/params.ts";
import {
  add,
  type DType,
  div,
  greater,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  zeros,
  zerosLike,
} from "../ops.ts";
import { mapParams, type Optimizer, ruleOf } from "./optimizer.ts";

export interface LarsOptions {
  readonly momentum?: number;
  readonly trustCoefficient?: number;
}

/**
 * Layer-wise adaptive rates, You et al. 2017, as MAE's linear probe uses it (util/lars.py): a weight of two or more axes
 * decays, and its gradient is scaled to trustCoefficient · ‖w‖ / ‖g‖ of itself; biases and normalisations take plain
 * momentum steps without decay.
 */
export function lars({ momentum = 0.9, trustCoefficient = 0.001 }: LarsOptions = {}): Optimizer {
  return {
    init: (params) => ({
      step: zeros([], Object.values(params)[0]?.dtype as DType),
      velocity: mapParams(params, zerosLike),
    }),
    update(state, params, grads, lr, rules) {
      const velocity = mapParams(state.velocity as Params, (v, name) => {
        const w = param(params, name);
        const g = param(grads, name);
        return add(mul(v, momentum), w.ndim > 1 ? trusted(w, add(g, mul(w, ruleOf(rules, name).weightDecay))) : g);
      });
      const next = mapParams(velocity, (v, name) =>
        sub(param(params, name), mul(v, mul(lr, ruleOf(rules, name).lrScale))),
      );
      return { params: { ...params, ...next }, state: { step: add(state.step, 1), velocity } };
    },
  };

  function trusted(w: Tensor, g: Tensor): Tensor {
    const [normW, normG] = [sqrt(sum(square(w))), sqrt(sum(square(g)))]; // [], []
    const divisor = where(greater(normG, 0), normG, 1);
    const ratio = where(greater(normW, 0), mul(div(normW, divisor), trustCoefficient), 1);
    return mul(g, where(greater(normG, 0), ratio, 1));
  }
}
