import { rcMae } from "../methods/rcMae.ts";
import type { Check, RunDType } from "./compare.ts";
import type { Fixture, JsonTensor } from "./fixture.ts";
import { maeConfig, maeOptions, maeOutputs } from "./mae.ts";
import { modelParity } from "./model.ts";

/** youngwanLEE/rc-mae: a student's step beside a teacher under the same mask. */
export async function rcMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = maeOptions(fixture, { gamma: 1, momentum_teacher: 0.996, compute_loss: true });
  const c = { ...maeConfig(o), consistencyWeight: o.gamma, momentum: o.momentum_teacher };
  const teacher = { prefix: "", params: fixture.params_teacher as Record<string, JsonTensor> };
  const run = await modelParity(
    rcMae,
    c,
    fixture,
    dtype,
    (inputs, ours) => ({
      ...maeOutputs(inputs, ours),
      ids_keep: inputs.idsKeep!,
      s_pred: ours.pred!,
      t_pred: ours.taught!,
      pred_student: ours.pred!,
      pred_teacher: ours.taught!,
      s_loss: ours.lossRec!,
      loss_rec: ours.lossRec!,
      loss_mae: ours.lossRec!,
      rec_cons_loss: ours.lossCons!,
      loss_cons: ours.lossCons!,
    }),
    { state: teacher },
  );
  return run.checks;
}
