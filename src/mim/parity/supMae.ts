import { supMae } from "../methods/supMae.ts";
import { type Check, closest, type RunDType } from "./compare.ts";
import { type Fixture, isTensor, type JsonTensor } from "./fixture.ts";
import { maeConfig, maeOptions, maeOutputs } from "./mae.ts";
import { modelParity } from "./model.ts";

/** Options of enyac-group/supmae, models_supmae.py and main_pretrain_supmae.py, beside those of MAE. */
const OPTIONS = {
  cls_hidden_mlp: 3072,
  nb_classes: 1000,
  global_pool: true,
  mlp_depth: 2,
  cls_loss_ratio: 0.01,
  temperature: 10,
  batchnorm: "",
};

/** enyac-group/supmae: batch statistics in the head; running ones among the parameters are left out. */
export async function supMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = maeOptions(fixture, OPTIONS);
  const c = {
    ...maeConfig(o),
    classes: o.nb_classes,
    hidden: o.cls_hidden_mlp,
    meanOfPatches: o.global_pool,
    classWeight: o.cls_loss_ratio,
    temperature: o.temperature,
  };
  const { labels = fixture.inputs?.targets ?? wholeNumbers(fixture) } = fixture.inputs ?? {};
  const inputs = { ...fixture.inputs, ...(isTensor(labels) && { labels }) };
  const run = await modelParity(supMae, c, { ...fixture, inputs }, dtype, (prepared, ours) => {
    const plain = ours.lossClass!;
    const weighted = { shape: [], data: Float64Array.from(plain.data, (x) => x * c.classWeight) };
    const ofClass = (name: string) => closest(fixture.outputs?.[name], plain, weighted);
    return {
      ...maeOutputs(prepared, ours),
      ids_keep: prepared.idsKeep!,
      logits: ours.logits!,
      feat: ours.features!,
      loss_rec: ours.lossRec!,
      loss_mae: ours.lossRec!,
      rec_loss: ours.lossRec!,
      loss_ce: plain,
      loss_cls: ofClass("loss_cls"),
      cls_loss: ofClass("cls_loss"),
    };
  });
  return run.checks;
}

/** The input of whole numbers: classes by whatever name. */
const wholeNumbers = (fixture: Fixture): JsonTensor | undefined =>
  Object.values(fixture.inputs ?? {}).find((x) => isTensor(x) && x.dtype === "int");
