import { timeFrequencyMasking } from "../masking/timeFrequency.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import { type AudioMaeConfig, audioMae } from "../methods/audioMae.ts";
import { type Check, check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, options, ParityError, type RecordedDraw } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";
import { recordedDraws } from "./recordedDraws.ts";

const OPTIONS = {
  ...MAE_OPTIONS,
  img_size: [1024, 128] as [number, number],
  stride: 16,
  in_chans: 1,
  audio_exp: true,
  mask_2d: false,
  mask_t_prob: 0.6,
  mask_f_prob: 0.5,
  mask_ratio: 0.8,
};

interface Masking2d {
  readonly T: number;
  readonly F: number;
  readonly mask_t_prob: number;
  readonly mask_f_prob: number;
  readonly draws: readonly RecordedDraw[];
  readonly mask: JsonTensor;
  readonly ids_restore: JsonTensor;
  readonly x_masked: JsonTensor;
}

/** facebookresearch/AudioMAE: one step, and masking by time steps and frequency bands. */
export async function audioMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, OPTIONS);
  if (!o.audio_exp || o.stride !== o.patch_size) {
    throw new ParityError("config: expected audio_exp and patches that do not overlap, found otherwise");
  }
  const c: AudioMaeConfig = {
    ...maeConfig({ ...o, img_size: 0 }),
    imageSize: o.img_size,
    ...(o.mask_2d && { bands: { timeRatio: o.mask_t_prob, frequencyRatio: o.mask_f_prob } }),
  };
  const params = hosts(fixture.params);
  sameNames(Object.keys(audioMae.specs(c)), Object.keys(params));
  const spectrograms = hosts(fixture.inputs).specs!;
  const draws = recordedDraws(fixture.draws);
  const inputs = audioMae.prepare(c, { spectrograms }, draws, { step: 0, steps: 1 });
  const { loss, outputs, grads } = await evaluateWithGradients(
    (p, x) => audioMae.evaluate(c, p, x, {}),
    params,
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const { latent, pred } = outputs;
  const ours = { mask: inputs.mask!, ids_restore: inputs.idsRestore!, latent: latent!, pred: pred!, loss };
  const recorded = fixture.masking_2d as Masking2d | undefined;
  return [...checkModel(fixture, ours, grads, dtype), ...(recorded ? checkMasking(recorded, dtype) : [])];
}

function checkMasking({ T, F, draws, ...recorded }: Masking2d, dtype: RunDType): Check[] {
  const N = recorded.mask.shape[0]!;
  const mask = timeFrequencyMasking(recordedDraws(draws), N, {
    grid: [T, F],
    timeRatio: recorded.mask_t_prob,
    frequencyRatio: recorded.mask_f_prob,
  });
  const { idsKeep, idsRestore } = visibleFirst(mask, N, T * F);
  const K = idsKeep.length / N;
  const kept = idsKeep.map((id, i) => Math.floor(i / K) * T * F + id); // tokens of the batch were numbered throughout
  return [
    check("masking_2d.mask", recorded.mask, mask, "exact", dtype),
    check("masking_2d.ids_restore", recorded.ids_restore, idsRestore, "exact", dtype),
    check("masking_2d.x_masked", recorded.x_masked, kept, "exact", dtype),
  ];
}
