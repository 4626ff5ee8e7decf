import { add, div, mean, sqrt, sub, type Tensor, variance } from "../ops.ts";

/**
 * Cubes [N, L, P, C], each channel of each cube to mean 0 and deviation 1 (divided by P - 1). Unlike MAE's target the
 * channels are apart, and eps is added to the deviation. Tong et al. 2022, released code, engine_for_pretraining.py.
 */
export function normalizedTubes(cubes: Tensor, eps = 1e-6): Tensor {
  const deviation = sqrt(variance(cubes, 2, { correction: 1, keepdims: true }));
  return div(sub(cubes, mean(cubes, 2, { keepdims: true })), add(deviation, eps));
}
