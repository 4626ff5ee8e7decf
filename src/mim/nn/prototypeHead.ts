/**
 * Head of DINO and iBOT. Caron et al. 2021, appendix C: three linear layers with GELU between, unit length, then the
 * scores of K directions, whose weights are normalised. Names of the released code.
 */
import { div, gelu, matmul, mul, normalize, reshape, sqrt, square, sum, type Tensor, transpose } from "../ops.ts";
import { linear, linearSpecs } from "./linear.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

export interface PrototypeHead {
  readonly inner: number;
  readonly hidden: number;
  readonly bottleneck: number;
  /** K, number of directions. */
  readonly out: number;
}

/** x [..., inner] -> scores [..., K], by `name.mlp.0`, `.2`, `.4` and `name.last_layer`. */
export function prototypeHead(p: Params, name: string, x: Tensor): Tensor {
  const first = gelu(linear(p, `${name}.mlp.0`, x));
  const second = gelu(linear(p, `${name}.mlp.2`, first));
  return directionScores(p, `${name}.last_layer`, normalize(linear(p, `${name}.mlp.4`, second)));
}

/** Products of x [..., d] with the directions `weight_v` [K, d], each of the length that `weight_g` [K, 1] says. */
function directionScores(p: Params, name: string, x: Tensor): Tensor {
  const v = param(p, `${name}.weight_v`);
  const lengths = sqrt(sum(square(v), 1, { keepdims: true }));
  const weight = mul(div(v, lengths), param(p, `${name}.weight_g`));
  const [K, d] = v.shape as [number, number];
  return reshape(matmul(reshape(x, [-1, d]), transpose(weight)), [...x.shape.slice(0, -1), K]);
}

/** The lengths stay 1, as in the released settings. */
export const prototypeHeadSpecs = (name: string, { inner, hidden, bottleneck, out }: PrototypeHead): ParamSpecs => ({
  ...linearSpecs(`${name}.mlp.0`, inner, hidden),
  ...linearSpecs(`${name}.mlp.2`, hidden, hidden),
  ...linearSpecs(`${name}.mlp.4`, hidden, bottleneck),
  [`${name}.last_layer.weight_g`]: { shape: [out, 1], init: { constant: 1 }, trainable: false },
  [`${name}.last_layer.weight_v`]: { shape: [out, bottleneck], init: "fanIn" },
});
