import { add, matmul, reshape, type Tensor, transpose } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

/** x [..., in] -> [..., out] with `name.weight` [out, in] and, where there is one, `name.bias` [out]. */
export function linear(p: Params, name: string, x: Tensor): Tensor {
  const W = param(p, `${name}.weight`);
  const [out, inner] = W.shape as [number, number];
  const flat = x.ndim === 2 ? x : reshape(x, [-1, inner]);
  const y = matmul(flat, transpose(W));
  const bias = p[`${name}.bias`];
  const z = bias ? add(y, bias) : y;
  return x.ndim === 2 ? z : reshape(z, [...x.shape.slice(0, -1), out]);
}

export const linearSpecs = (
  name: string,
  inner: number,
  out: number,
  options: { bias?: boolean } = {},
): ParamSpecs => ({
  [`${name}.weight`]: { shape: [out, inner], init: "xavier" },
  ...(options.bias !== false && { [`${name}.bias`]: { shape: [out], init: { constant: 0 } } }),
});
