import { supMae } from "../methods/supMae.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, isTensor, options } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig, maeOutputs } from "./mae.ts";
import { modelParity } from "./model.ts";

const OPTIONS = {
  ...MAE_OPTIONS,
  cls_hidden_mlp: 3072,
  nb_classes: 1000,
  global_pool: true,
  mlp_depth: 2,
  cls_loss_ratio: 0.01,
  temperature: 10,
};

/** enyac-group/supmae, models_supmae.py; running statistics among the parameters are left out. */
export async function supMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, OPTIONS);
  const c = {
    ...maeConfig(o),
    classes: o.nb_classes,
    hidden: o.cls_hidden_mlp,
    meanOfPatches: o.global_pool,
    classWeight: o.cls_loss_ratio,
    temperature: o.temperature,
  };
  const statistics = /^cls_head\.1\.(running_mean|running_var|num_batches_tracked)$/;
  const params = Object.fromEntries(Object.entries(fixture.params ?? {}).filter(([name]) => !statistics.test(name)));
  const labels = fixture.inputs?.labels ?? fixture.inputs?.targets;
  const inputs = { ...fixture.inputs, ...(isTensor(labels) && { labels }) };
  const run = await modelParity(supMae, c, { ...fixture, params, inputs }, dtype, (prepared, ours) => ({
    ...maeOutputs(prepared, ours),
    ids_keep: prepared.idsKeep!,
    logits: ours.logits!,
    feat: ours.features!,
    loss_rec: ours.lossRec!,
    loss_mae: ours.lossRec!,
    rec_loss: ours.lossRec!,
    loss_cls: ours.lossClass!,
    loss_ce: ours.lossClass!,
    cls_loss: ours.lossClass!.data[0]! * c.classWeight,
  }));
  return run.checks;
}
