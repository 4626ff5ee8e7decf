import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { mean, mul, relu, reshape, sigmoid, type Tensor } from "../ops.ts";

/**
 * Squeeze and excitation: each channel scaled by a gate in (0, 1) that a bottleneck of two linear layers, `name.fc1` and
 * `name.fc2`, makes of all channel means. Hu et al. 2018, §3. x [N, C, ...] -> [N, C, ...].
 */
export function squeezeExcitation(p: Params, name: string, x: Tensor): Tensor {
  const [N, C, ...spatial] = x.shape as [number, number, ...number[]];
  const squeezed = mean(reshape(x, [N, C, -1]), -1); // [N, C]
  const gate = sigmoid(linear(p, `${name}.fc2`, relu(linear(p, `${name}.fc1`, squeezed)))); // [N, C]
  return mul(x, reshape(gate, [N, C, ...spatial.map(() => 1)]));
}

export const squeezeExcitationSpecs = (name: string, C: number, reduction: number): ParamSpecs => ({
  ...linearSpecs(`${name}.fc1`, C, Math.floor(C / reduction)),
  ...linearSpecs(`${name}.fc2`, Math.floor(C / reduction), C),
});
