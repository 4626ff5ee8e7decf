import { relu, type Tensor } from "../ops.ts";
import { batchNorm, batchNormSpecs } from "./batchNorm.ts";
import { linear, linearSpecs } from "./linear.ts";
import type { ParamSpecs, Params } from "./params.ts";

export interface BatchNormMlp {
  readonly inner: number;
  readonly hidden: number;
  readonly out: number;
  /** Linear layers, 2 unless given. */
  readonly layers?: number;
  /** Bias of every linear layer but the last, and of the last. */
  readonly bias?: boolean;
  readonly lastBias?: boolean;
  /** Whether batch normalisation follows the last layer too. */
  readonly lastNorm?: boolean;
}

/**
 * Projection head of contrastive methods, x [N, inner] -> [N, out]: linear layers `name.fc0`, `name.fc1` …, batch
 * normalisation `name.bn0` … and ReLU between them. BYOL, Grill et al. 2020, §3.2; names of open-mmlab's NonLinearNeck.
 */
export function batchNormMlp(p: Params, name: string, x: Tensor, eps = 1e-6): Tensor {
  let y = x;
  for (let i = 0; p[`${name}.fc${i}.weight`]; i++) {
    y = linear(p, `${name}.fc${i}`, i === 0 ? y : relu(y));
    if (p[`${name}.bn${i}.weight`]) y = batchNorm(p, `${name}.bn${i}`, y, { eps });
  }
  return y;
}

export function batchNormMlpSpecs(name: string, c: BatchNormMlp): ParamSpecs {
  const { inner, hidden, out, layers = 2, bias = true, lastBias = false, lastNorm = false } = c;
  const each = Array.from({ length: layers }, (_, i) => {
    const last = i === layers - 1;
    const wide = last ? out : hidden;
    return {
      ...linearSpecs(`${name}.fc${i}`, i === 0 ? inner : hidden, wide, { bias: last ? lastBias : bias }),
      ...((!last || lastNorm) && batchNormSpecs(`${name}.bn${i}`, wide)),
    };
  });
  return Object.assign({}, ...each);
}
