import type { Params } from "../nn/params.ts";
import type { Operand, Tensor } from "../ops.ts";

/** How a parameter is stepped: its share of the learning rate, and the pull of its weights to zero. */
export interface StepRule {
  readonly lrScale: number;
  readonly weightDecay: number;
}
/** The rule of each trained parameter, by its name. */
export type StepRules = Readonly<Record<string, StepRule>>;

/** What an optimizer keeps between steps: records of tensors shaped like the parameters, and the number of steps. */
export interface OptimizerState {
  /** [], steps taken. */
  readonly step: Tensor;
  readonly [moment: string]: Tensor | Params;
}

/** An optimizer as two pure functions; both may be traced. */
export interface Optimizer {
  init(params: Params): OptimizerState;
  /** New parameters and state from gradients under the same names. A parameter without a gradient stays as it is. */
  update(
    state: OptimizerState,
    params: Params,
    grads: Params,
    lr: Operand,
    rules: StepRules,
  ): { readonly params: Params; readonly state: OptimizerState };
}

/** The rule of a parameter; one that no group holds is an error. */
export function ruleOf(rules: StepRules, name: string): StepRule {
  const rule = rules[name];
  if (!rule) throw new RangeError(`step rules: expected one for ${name}, found none`);
  return rule;
}

/** A record of the same names, each value made from the old one. */
export const mapParams = (params: Params, f: (x: Tensor, name: string) => Tensor): Params =>
  Object.fromEntries(Object.entries(params).map(([name, x]) => [name, f(x, name)]));
