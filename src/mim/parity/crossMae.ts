import { type CrossMaeConfig, crossMae } from "../methods/crossMae.ts";
import type { Actual, Check, RunDType } from "./compare.ts";
import { checkOutputs } from "./compare.ts";
import { type Fixture, options } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";
import { modelParity } from "./model.ts";

const OPTIONS = {
  ...MAE_OPTIONS,
  weight_fm: false,
  use_fm: [-1] as number[],
  use_input: false,
  self_attn: false,
  kept_mask_ratio: 0.5,
};

/** TonyLianLong/CrossMAE, models_cross.py. */
export async function crossMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, OPTIONS);
  const c: CrossMaeConfig = {
    ...maeConfig(o),
    predictedRatio: o.kept_mask_ratio,
    mixedFeatures: o.weight_fm,
    featureMaps: o.use_fm,
    mixedInput: o.use_input,
    selfAttention: o.self_attn,
  };
  const { feature_maps: maps, ...outputs } = { ...fixture.outputs };
  const run = await modelParity(crossMae, c, { ...fixture, outputs }, dtype, (inputs, ours) => ({
    mask: inputs.mask!,
    ids_restore: inputs.idsRestore!,
    pred: ours.pred!,
    target: ours.target!,
  }));
  const ours: Record<string, Actual> = {};
  for (const [name, x] of Object.entries(run.outputs)) {
    if (name.startsWith("features.")) ours[name.slice("features.".length)] = x;
  }
  return [...run.checks, ...checkOutputs({ ...(maps as object) }, ours, dtype, "outputs.feature_maps.")];
}
