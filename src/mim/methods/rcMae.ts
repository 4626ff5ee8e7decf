/**
 * RC-MAE. Lee et al. 2023, Exploring the Role of Mean Teachers in Self-supervised Masked Auto-Encoders.
 *
 *   1  I_v, I_m = mask(P), random, 75 % hidden, the same for student and teacher   [N, K], [N, L - K]
 *   2  P̂ = student's prediction,  P̃ = teacher's; both encode and decode            [N, L, p²C] each
 *   3  loss_rec = MAE's loss of P̂                                                  []
 *   4  loss_cons = mean square of P̂ - P̃ over I_m, the teacher held                 []
 *   5  loss = loss_rec + γ loss_cons; teacher ← m teacher + (1 - m) student, m from 0.996 to 1 by half a cosine
 *
 * For a linear network the gradient of loss_cons is a sum of earlier updates, each weighted by how alike its input was to
 * the present one: the teacher holds back what would undo the recent past.
 */
import { decode, encode } from "../architecture/asymmetricViT.ts";
import type { Method } from "../method.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, mul, stopGradient, type Tensor } from "../ops.ts";
import { cosineValues } from "../schedule/cosine.ts";
import { momentumTeacher } from "../state/momentumTeacher.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface RcMaeConfig extends MaeConfig {
  /** γ, weight of the consistency term. */
  readonly consistencyWeight: number;
  /** The teacher's momentum at the start; it rises to 1. */
  readonly momentum: number;
}

export const rcMae: Method<RcMaeConfig> = {
  ...mae,
  id: "rc_mae",
  title: "RC-MAE",
  paper: "lee2023rcmae",
  source: "Lee et al. 2023; youngwanLEE/rc-mae, engine_pretrain.py",
  recipe: {
    ...mae.recipe,
    target: { file: "state/momentumTeacher", does: "normalised pixels, and what a momentum teacher restores" },
  },
  published: {
    consistencyWeight: { value: 1, source: "youngwanLEE/rc-mae, run_pretrain.py" },
    momentum: { value: "0.996 to 1 by half a cosine", source: "youngwanLEE/rc-mae, run_pretrain.py" },
    maskRatio: { value: 0.75, source: "youngwanLEE/rc-mae, run_pretrain.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/rcMae.test.ts" },
  toy: { ...mae.toy, config: { ...mae.toy.config, consistencyWeight: 1, momentum: 0.95 } },
  state: {
    init: (_, params) => momentumTeacher.init(params),
    update: (_, teacher, params, { momentum }) => momentumTeacher.update(teacher, params, momentum!),
  },
  prepare: (c, batch, draws, progress) => {
    const m = cosineValues(c.momentum, 1, progress.steps)[progress.step]!;
    return { ...mae.prepare(c, batch, draws, progress), momentum: { shape: [], data: Float64Array.of(m) } };
  },
  evaluate: (c, p, inputs, teacher) => {
    const { loss: lossRec, outputs } = mae.evaluate(c, p, inputs, teacher); //                    1-3
    const { latent } = encode(c, teacher, inputs.images!, inputs.idsKeep);
    const taught = stopGradient(decode(c, teacher, latent, inputs.idsRestore!).pred); //          2    [N, L, p²C]
    const lossCons = maskedMean(l2(outputs.pred as Tensor, taught), inputs.mask!); //             4    []
    const loss = add(lossRec, mul(lossCons, c.consistencyWeight)); //                             5    []
    return { loss, outputs: { ...outputs, taught, lossRec, lossCons } };
  },
};
