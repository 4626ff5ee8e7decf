import type { HostInputs, HostTensor, Modality } from "../method.ts";
import { dataset, type Kind } from "./dataset.ts";
import type { Dense } from "./dense.ts";

/** Which examples: `n` of them from index `start` of the endless sequence that `seed` names. */
export interface ToyChoice {
  readonly seed: number;
  readonly start: number;
  readonly n: number;
  /** Picture side in pixels. */
  readonly size: number;
}

/** For each modality the renderer's kind, and for each array the name by which methods know it. */
const INPUTS: Readonly<Record<string, { readonly kind: Kind; readonly names: Readonly<Record<string, string>> }>> = {
  rgb: { kind: "rgb", names: { image: "images" } },
  depth: { kind: "depth", names: { image: "images", depth: "depth" } },
  normals: { kind: "normals", names: { image: "images", normals: "normals" } },
  segmentation: { kind: "segmentation", names: { image: "images", segmentation: "segmentation" } },
  views: { kind: "views", names: { weak: "images", strong: "views" } },
  video: { kind: "video", names: { video: "videos", flow: "flow", backwardFlow: "backwardFlow" } },
  points: { kind: "points", names: { points: "points" } },
  audio: { kind: "audio", names: { image: "images", spectrogram: "spectrograms" } },
};

/** Modalities that can be rendered. */
export const RENDERED: readonly string[] = Object.keys(INPUTS);

/**
 * Examples of a modality as methods take them, and their classes: images [n, 3, size, size], videos [n, 3, 8, size, size],
 * spectrograms [n, 1, size, size], points [n, 8 · size, 3]. The classes are among the inputs too, int32 [n], for methods
 * that learn from them.
 */
export function toyBatch(
  modality: Modality,
  { seed, start, n, size }: ToyChoice,
): { readonly inputs: HostInputs; readonly labels: Int32Array } {
  const chosen = INPUTS[modality];
  if (!chosen) throw new RangeError(`toyBatch: expected one of ${RENDERED.join(", ")}, found ${modality}`);
  const { arrays, labels } = dataset(chosen.kind, { seed, start, n, size });
  const inputs = Object.fromEntries(
    Object.entries(chosen.names).map(([from, to]) => [to, host((arrays as Record<string, Dense>)[from] as Dense)]),
  );
  return { inputs: { ...inputs, labels: { shape: [n], data: labels } }, labels };
}

const host = ({ shape, data }: Dense): HostTensor => ({ shape, data });
