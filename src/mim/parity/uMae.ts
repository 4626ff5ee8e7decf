import { uMae } from "../methods/uMae.ts";
import { uniformity } from "../objective/uniformity.ts";
import { type Actual, type Check, check, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, isTensor, options } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig, maeOutputs } from "./mae.ts";
import { modelParity } from "./model.ts";

/** zhangq327/U-MAE, models_mae.py and loss_func.py. */
export async function uMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, { ...MAE_OPTIONS, num_classes: 1000, lamb: 0 });
  const c = { ...maeConfig(o), uniformityWeight: o.lamb, classes: o.num_classes };
  const slope = "grad_uniformity_wrt_cls_feats";
  const { outputs, ...expected } = fixture;
  const rest = Object.fromEntries(Object.entries(outputs ?? {}).filter(([name]) => name !== slope));
  const run = await modelParity(uMae, c, { ...expected, outputs: rest } as Fixture, dtype, (inputs, ours) => ({
    ...maeOutputs(inputs, ours),
    "enc_norm#2": ours.renormed as Actual,
    cls_feats: ours.features as Actual,
    loss_mae: ours.lossMae as Actual,
    loss_uniformity: ours.lossUniformity as Actual,
  }));
  const want = outputs?.[slope];
  if (!isTensor(want)) return run.checks;
  const features = { features: run.outputs.features! };
  const { grads } = await evaluateWithGradients(
    ({ features }) => ({ loss: uniformity(features!), outputs: {} }),
    features,
    {},
    ["features"],
    dtype,
  );
  return [...run.checks, check(`outputs.${slope}`, want, grads.features, "gradient", dtype)];
}
