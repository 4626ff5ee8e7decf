import type { Accuracy } from "../evaluate/accuracy.ts";
import { kNearest } from "../evaluate/kNearest.ts";
import type { Labelled } from "../evaluate/labelled.ts";
import { linearProbe } from "../evaluate/linearProbe.ts";
import { rawPixels } from "../evaluate/rawPixels.ts";
import type { HostInputs, HostTensor } from "../method.ts";
import { rowsOf } from "./pool.ts";

/** Rendered examples with their classes. */
export interface Examples {
  readonly inputs: HostInputs;
  readonly labels: Int32Array;
}

/** Accuracy of frozen features on the test examples. */
export interface ProbeScores {
  readonly probe: Accuracy;
  readonly knn: Accuracy;
}

/** Linear probe and k-NN of what `encode` makes of train and test examples. */
export async function probeScores(
  encode: (batch: HostInputs) => Promise<HostTensor>,
  train: Examples,
  test: Examples,
): Promise<ProbeScores> {
  const [seen, unseen] = [await featuresOf(encode, train), await featuresOf(encode, test)];
  return { probe: linearProbe(seen, unseen), knn: kNearest(seen, unseen) };
}

/** The same two on the input itself: pictures averaged over squares of four pixels, clips over time too, or the first points of a cloud. */
export const rawPixelScores = (train: Examples, test: Examples): Promise<ProbeScores> =>
  probeScores(async (batch) => rawInput(Object.values(batch)[0]!), train, test);

const RAW_POINTS = 64;

function rawInput(x: HostTensor): HostTensor {
  const [N, C, T] = x.shape as [number, number, number];
  const [H, W] = x.shape.slice(-2) as [number, number];
  const each = x.data.length / N;
  if (x.shape.length === 3) {
    const data = new Float32Array(N * 3 * RAW_POINTS);
    for (let n = 0; n < N; n++) data.set(x.data.subarray(n * each, n * each + 3 * RAW_POINTS), n * 3 * RAW_POINTS);
    return { shape: [N, 3 * RAW_POINTS], data };
  }
  if (x.shape.length === 4) return rawPixels(x, 4);
  const data = new Float32Array(N * C * H * W);
  for (let at = 0; at < x.data.length; at++) {
    data[Math.floor(at / (T * H * W)) * H * W + (at % (H * W))]! += x.data[at]! / T;
  }
  return rawPixels({ shape: [N, C, H, W], data }, 4);
}

/** A power of two: the engine multiplies rows of such numbers fastest. */
const BATCH = 64;

async function featuresOf(
  encode: (batch: HostInputs) => Promise<HostTensor>,
  { inputs, labels }: Examples,
): Promise<Labelled> {
  const n = labels.length;
  const parts: HostTensor[] = [];
  for (let from = 0; from < n; from += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, i) => Math.min(from + i, n - 1)); // the last batch repeats the last example
    parts.push(await encode(rowsOf(inputs, ids)));
  }
  const D = parts[0]!.shape[1]!;
  const data = new Float32Array(parts.length * BATCH * D);
  parts.forEach((part, i) => data.set(part.data, i * BATCH * D));
  return { features: { shape: [n, D], data: data.slice(0, n * D) }, labels };
}
