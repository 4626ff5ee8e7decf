import { type LocalMimConfig, localMim } from "../methods/localMim.ts";
import { type Actual, type Check, checkOutputs, type RunDType } from "./compare.ts";
import { type Fixture, hosts, options, ParityError } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";
import { modelParity } from "./model.ts";

const OPTIONS = {
  ...MAE_OPTIONS,
  decoder_depth: 1,
  hog_nbins: 9,
  hog_bias: false,
  scales: [4, 2, 1, 0.5] as number[],
  hog_pools: [4, 8, 16, 32] as number[],
  tapped_blocks: [] as unknown[],
};

/** huawei-noah/Efficient-Computing, LocalMIM/ViT/models_mim.py. Lists of the recording are compared entry by entry. */
export async function localMimParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, OPTIONS);
  if (String(o.scales) !== "4,2,1,0.5") {
    throw new ParityError(`config.scales: expected 4,2,1,0.5, found ${o.scales}`);
  }
  const params = hosts(fixture.params);
  const c: LocalMimConfig = {
    ...maeConfig(o),
    bins: o.hog_nbins,
    ...(o.hog_bias && { hogBias: [0, 1, 2, 3].map((i) => [...params[`hog_enc.${i}.conv.bias`]!.data] as never) }),
  };
  const lists = { latent: "latents", pred: "preds", losses: "losses", hog: "target", masks: "mask" };
  const outputs = Object.fromEntries(Object.entries(fixture.outputs ?? {}).filter(([name]) => !(name in lists)));
  const run = await modelParity(localMim, c, { ...fixture, outputs }, dtype, (inputs) => ({ mask: inputs.mask! }));
  const entries = Object.entries(lists).flatMap(([name, ours]) => {
    const want = { ...((fixture.outputs?.[name] ?? {}) as object) };
    const actual: Record<string, Actual> = {};
    for (const i of Object.keys(want)) actual[i] = (run.outputs[`${ours}.${i}`] ?? run.inputs[`${ours}${i}`]) as Actual;
    return checkOutputs(want, actual, dtype, `outputs.${name}.`);
  });
  return [...run.checks, ...entries];
}
