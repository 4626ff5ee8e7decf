import { initParams, type ParamSpecs, type Params } from "../nn/params.ts";
import { keyOf } from "../toy/random.ts";

/** State that never changes: a network trained elsewhere. It starts at random values, which trained ones replace. */
export const frozen = (specs: ParamSpecs) => ({
  init: () => initParams(specs, keyOf(0)),
  update: (state: Params): Params => state,
});
