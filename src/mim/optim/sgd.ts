import { type Params, param } from "../nn/params.ts";
import { add, type DType, mul, sub, zeros, zerosLike } from "../ops.ts";
import { mapParams, type Optimizer, ruleOf } from "./optimizer.ts";

/** Gradient descent with momentum, Sutskever et al. 2013 in PyTorch's form: v ← momentum · v + g + weightDecay · w, w ← w - lr · v. */
export function sgd({ momentum = 0.9 }: { readonly momentum?: number } = {}): Optimizer {
  return {
    init: (params) => ({
      step: zeros([], Object.values(params)[0]?.dtype as DType),
      velocity: mapParams(params, zerosLike),
    }),
    update(state, params, grads, lr, rules) {
      const velocity = mapParams(state.velocity as Params, (v, name) => {
        const pull = mul(param(params, name), ruleOf(rules, name).weightDecay);
        return add(mul(v, momentum), add(param(grads, name), pull));
      });
      const next = mapParams(velocity, (v, name) =>
        sub(param(params, name), mul(v, mul(lr, ruleOf(rules, name).lrScale))),
      );
      return { params: { ...params, ...next }, state: { step: add(state.step, 1), velocity } };
    },
  };
}
