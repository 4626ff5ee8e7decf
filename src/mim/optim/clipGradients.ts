import type { Params } from "../nn/params.ts";
import { add, div, minimum, mul, sqrt, square, sum, sumOf, type Tensor } from "../ops.ts";
import { mapParams } from "./optimizer.ts";

/** Root of the summed squares of all gradients, []. */
export const globalNorm = (grads: Params): Tensor => sqrt(sumOf(...Object.values(grads).map((g) => sum(square(g)))));

/**
 * Gradients scaled so that their common norm is at most `maxNorm`, Pascanu et al. 2013, Algorithm 1; PyTorch's
 * clip_grad_norm_ with its 1e-6 in the divisor. Also the norm before clipping, [].
 */
export function clipGradients(grads: Params, maxNorm: number): { readonly grads: Params; readonly norm: Tensor } {
  const norm = globalNorm(grads);
  const scale = minimum(div(maxNorm, add(norm, 1e-6)), 1);
  return { grads: mapParams(grads, (g) => mul(g, scale)), norm };
}
