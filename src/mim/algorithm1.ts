/**
 * Reconstruction-based masked image modeling: survey §2.1, Algorithm 1. Comments at the end of lines are the printed
 * line numbers. The loop over patches (lines 3, 4 and 6) is an axis here: visible patches are gathered, encoded together
 * and put back with M at every other place.
 */
import { withMaskTokens } from "./architecture/withMaskTokens.ts";
import type { Outputs } from "./method.ts";
import type { Params } from "./nn/params.ts";
import { gather, mul, sub, type Tensor, valueAndGrad } from "./ops.ts";
import { mapParams } from "./optim/optimizer.ts";

/** What `mask` chose, in tensors. */
export interface Chosen {
  /** I_v: patches that stay visible, int32 [N, K]. */
  readonly idsKeep: Tensor;
  /** Place of each patch when visible ones come first, int32 [N, n]. */
  readonly idsRestore: Tensor;
  /** I_m as 0 visible, 1 masked, [N, n]. */
  readonly mask: Tensor;
}

/** What a function is for, under its name, and whatever else it made on the way. */
type Made<Name extends string> = Readonly<Record<Name, Tensor>> & Outputs;

/** The functions of the printed inputs. */
export interface Reconstruction {
  /** Patches of an image: [N, C, H, W] -> P [N, n, hwC]. */
  readonly split: (X: Tensor) => Tensor;
  readonly mask: (P: Tensor) => Chosen;
  /** VP_φ, by patch: [N, n, hwC] -> tokens [N, n, D]. */
  readonly VP: (P: Tensor) => Made<"tokens">;
  /** E_θ: the K visible tokens -> [N, G + K, D'], where G tokens of no patch (a class token) may come first. */
  readonly E: (tokens: Tensor) => Made<"visible">;
  /** M, [1, 1, D']. */
  readonly M: Tensor;
  /** D_ϕ: [N, G + n, D'] -> P̂ [N, n, F]. */
  readonly D: (H: Tensor) => Made<"pred">;
  /** What of P is predicted, [N, n, F]; P itself unless given. */
  readonly target?: (P: Tensor) => Tensor;
  /** d(P̂, P), given what was masked: a scalar. */
  readonly d: (pred: Tensor, target: Tensor, mask: Tensor) => Tensor;
}

/** Lines 1 to 9: the loss of images X [N, C, H, W], and what led to it. */
export function reconstruct({ split, mask, VP, E, M, D, target: targetOf = (P) => P, d }: Reconstruction, X: Tensor) {
  const P = split(X); // 1
  const { idsKeep, idsRestore, mask: masked } = mask(P); // 2
  const projected = VP(P); // 3
  const encoded = E(gather(projected.tokens, idsKeep)); // 4-5
  const H = withMaskTokens(encoded.visible, M, idsKeep.shape[1] as number, idsRestore); // 6-7
  const decoded = D(H); // 8
  const target = targetOf(P);
  const loss = d(decoded.pred, target, masked); // 9
  return { P, projected, encoded, H, decoded, target, loss };
}

/** Weights by the printed letter. */
export type ReconstructionWeights = {
  readonly theta: Params;
  readonly phi: Params;
  readonly varphi: Params;
  readonly M: Tensor;
};

/** The whole algorithm, one step: `models` puts weights into the functions, `eta` is the learning rate. */
export function algorithm1(
  models: (weights: ReconstructionWeights) => Reconstruction,
  { theta, phi, varphi, M }: ReconstructionWeights,
  X: Tensor,
  eta: number,
): { readonly loss: Tensor; readonly weights: ReconstructionWeights } {
  const lossOf = (w: Record<keyof ReconstructionWeights, Params>) =>
    [reconstruct(models({ ...w, M: w.M.M! }), X).loss, {}] as const;
  const { value: loss, grads } = valueAndGrad(lossOf)({ theta, phi, varphi, M: { M } });
  const weights = {
    theta: descend(theta, grads.theta, eta), // 10
    phi: descend(phi, grads.phi, eta), // 11
    varphi: descend(varphi, grads.varphi, eta), // 12
    M: descend({ M }, grads.M, eta).M!, // 13
  };
  return { loss, weights };
}

/** w ← w - η ∂L/∂w for each weight. */
export const descend = (weights: Params, grads: Params, eta: number): Params =>
  mapParams(weights, (w, name) => sub(w, mul(grads[name]!, eta)));
