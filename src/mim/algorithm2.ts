/**
 * Contrastive masked image modeling: survey §2.2, Algorithm 2 and Eq. (1). Comments at the end of lines are the printed
 * line numbers. The loop over patches (lines 6, 8 and 10) is an axis here: masked patches have M in their place and all
 * are encoded together.
 */
import { descend } from "./algorithm1.ts";
import type { Params } from "./nn/params.ts";
import {
  div,
  expandDims,
  eye,
  greater,
  logSoftmax,
  matmul,
  mul,
  neg,
  stopGradient,
  sum,
  type Tensor,
  transpose,
  valueAndGrad,
  where,
} from "./ops.ts";

/** The functions of the printed inputs. */
export interface Contrast {
  readonly augment: (X: Tensor, strength: "weak" | "strong") => Tensor;
  /** Patches of an image: [N, C, H, W] -> [N, n, hwC]. */
  readonly split: (X: Tensor) => Tensor;
  /** I_m as 0 visible, 1 masked, [N, n]. */
  readonly mask: (P: Tensor) => Tensor;
  /** VP_φ, by patch: [N, n, hwC] -> [N, n, D]. */
  readonly VP: (P: Tensor) => Tensor;
  /** E_θ: [N, n, D] -> [N, n, D']. */
  readonly E: (tokens: Tensor) => Tensor;
  /** VP and E of the intact view; the same two unless given, or their moving average. */
  readonly teacher?: (P: Tensor) => Tensor;
  /** M, [1, 1, D]. */
  readonly M: Tensor;
  /** d(Ĥ, H̃), given what was masked: a scalar. */
  readonly d: (weak: Tensor, strong: Tensor, mask: Tensor) => Tensor;
}

/** Lines 1 to 12: the loss of images X [N, C, H, W], and what led to it. No gradient flows through the weak view. */
export function contrast({ augment, split, mask, VP, E, teacher, M, d }: Contrast, X: Tensor) {
  const weakView = augment(X, "weak"); // 1
  const strongView = augment(X, "strong"); // 2
  const weakPatches = split(weakView); // 3
  const strongPatches = split(strongView); // 4
  const masked = mask(strongPatches); // 5
  const weak = stopGradient((teacher ?? ((P) => E(VP(P))))(weakPatches)); // 6-7
  const hidden = greater(expandDims(masked, -1), 0.5);
  const strong = E(where(hidden, M, VP(strongPatches))); // 8-11
  const loss = d(weak, strong, masked); // 12
  return { weak, strong, masked, loss };
}

/**
 * Eq. (1), InfoNCE among the patches of one image, patch by patch: weak, strong [N, n, D] -> what each i adds to the sum,
 * [N, n]. tau is τ.
 */
export function infoNceOfPatches(weak: Tensor, strong: Tensor, tau: number): Tensor {
  const n = weak.shape[1] as number;
  const similarity = div(matmul(strong, transpose(weak, [0, 2, 1])), tau); // [N, n, n], row i is H̃[i]
  return neg(sum(mul(logSoftmax(similarity, -1), eye(n)), -1));
}

/** Weights by the printed letter. */
export type ContrastWeights = {
  readonly theta: Params;
  readonly varphi: Params;
  readonly M: Tensor;
};

/** The whole algorithm, one step: `models` puts weights into the functions, `eta` is the learning rate. */
export function algorithm2(
  models: (weights: ContrastWeights) => Contrast,
  { theta, varphi, M }: ContrastWeights,
  X: Tensor,
  eta: number,
): { readonly loss: Tensor; readonly weights: ContrastWeights } {
  const lossOf = (w: Record<keyof ContrastWeights, Params>) =>
    [contrast(models({ ...w, M: w.M.M! }), X).loss, {}] as const;
  const { value: loss, grads } = valueAndGrad(lossOf)({ theta, varphi, M: { M } });
  const weights = {
    theta: descend(theta, grads.theta, eta), // 13
    varphi: descend(varphi, grads.varphi, eta), // 14
    M: descend({ M }, grads.M, eta).M!, // 15
  };
  return { loss, weights };
}
