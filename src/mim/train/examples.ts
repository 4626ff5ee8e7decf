/**
 * Examples of the toy world as networks take them: pictures, clips and spectrograms with mean 0 and deviation 1, about, as
 * data loaders make them; without it the mean is most of what a random patch embedding sees.
 */
import type { HostTensor, Modality } from "../method.ts";
import { type ToyBatch, type ToyChoice, toyBatch } from "../toy/batch.ts";
import { DEVIATION, MEAN } from "../toy/scale.ts";

/** Examples that a run trains on. */
export const POOL = 512;

const STANDARDIZED: ReadonlySet<string> = new Set(["images", "views", "videos", "spectrograms"]);

/** A batch of the toy world; values in [0, 1] of what is seen or heard come as (x - MEAN) / DEVIATION. */
export function examplesOf(modality: Modality, choice: ToyChoice): ToyBatch {
  const { inputs, labels } = toyBatch(modality, choice);
  const scaled = Object.entries(inputs).map(([name, x]) => [
    name,
    STANDARDIZED.has(name) ? { ...x, data: (x.data as Float32Array).map((v) => (v - MEAN) / DEVIATION) } : x,
  ]);
  return { inputs: Object.fromEntries(scaled), labels };
}

/** Back to [0, 1], to be looked at. */
export const displayed = ({ shape, data }: HostTensor): HostTensor => ({
  shape,
  data: (data as Float32Array).map((v) => v * DEVIATION + MEAN),
});
