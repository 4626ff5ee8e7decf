/**
 * Dynamic alignment. MaskAlign, Xue et al. 2023, §3.3: layers of a student do not stand at the levels of a teacher's, so each of
 * the teacher's layers is imitated by a learned mixture of all of the student's, by a head of its own; models_pretrain.py.
 */

import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { gelu, matmul, reshape, slice, stack, type Tensor } from "../ops.ts";

export interface DynamicAlignment {
  /** How layers are mixed: as they are ("simple"), from nearly the identity ("linear"), or from their mean ("sum"). */
  readonly fusion: "simple" | "linear" | "sum";
  readonly head: "linear" | "normLinear" | "mlp" | "linearNormLinear";
  /** Width and number of layers of the student and of the teacher. */
  readonly student: { readonly dim: number; readonly depth: number };
  readonly teacher: { readonly dim: number; readonly depth: number };
  /** Of the layer normalisations inside the heads. */
  readonly eps: number;
}

/** W, [teacher's layers, student's layers]. */
const WEIGHTS = "distill_weights";
const headName = (layer: number): string => `distill_heads.${layer}`;

export function dynamicAlignmentSpecs({ fusion, head, student, teacher }: DynamicAlignment): ParamSpecs {
  const [D, F, S, T] = [student.dim, teacher.dim, student.depth, teacher.depth];
  if (fusion !== "sum" && S !== T) {
    throw new RangeError(
      `dynamicAlignment: expected as many layers of either side for fusion "${fusion}", found ${S}, ${T}`,
    );
  }
  const mixing = Float64Array.from({ length: T * S }, (_, i) =>
    fusion === "sum" ? 1 / S : (i % S === Math.floor(i / S) ? 1 : 0) + 0.01,
  );
  const headSpecs = (name: string): ParamSpecs => {
    if (head === "linear") return linearSpecs(name, D, F);
    if (head === "normLinear") return { ...layerNormSpecs(`${name}.0`, D), ...linearSpecs(`${name}.1`, D, F) };
    const ends = { ...linearSpecs(`${name}.0`, D, D), ...linearSpecs(`${name}.2`, D, F) };
    return head === "mlp" ? ends : { ...ends, ...layerNormSpecs(`${name}.1`, D) };
  };
  return {
    ...(fusion !== "simple" && { [WEIGHTS]: { shape: [T, S], init: { values: mixing } } }),
    ...Object.assign({}, ...Array.from({ length: T }, (_, a) => headSpecs(headName(a)))),
  };
}

/** What a student says of each of the teacher's layers: its own layers, [N, M, D] each -> [N, M, F] each. */
export function aligned(c: DynamicAlignment, p: Params, layers: readonly Tensor[]): Tensor[] {
  return mixed(c, p, layers).map((x, a) => headOf(c, p, headName(a), x));
}

/** Σ_b W_ab s_b for each a. */
function mixed({ fusion, teacher }: DynamicAlignment, p: Params, layers: readonly Tensor[]): readonly Tensor[] {
  if (fusion === "simple") return layers;
  const shape = layers[0]!.shape;
  const all = matmul(param(p, WEIGHTS), reshape(stack(layers), [layers.length, -1])); // [T, N · M · D]
  return Array.from({ length: teacher.depth }, (_, a) => reshape(slice(all, 0, a, a + 1), shape));
}

function headOf({ head, eps }: DynamicAlignment, p: Params, name: string, x: Tensor): Tensor {
  if (head === "linear") return linear(p, name, x);
  if (head === "normLinear") return linear(p, `${name}.1`, layerNorm(p, `${name}.0`, x, eps));
  const first = linear(p, `${name}.0`, x);
  return linear(p, `${name}.2`, head === "mlp" ? gelu(first) : layerNorm(p, `${name}.1`, first, eps));
}
