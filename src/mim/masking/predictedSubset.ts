import type { KeepMask } from "./random.ts";

/** Some of the hidden patches, those to be predicted. */
export interface PredictedSubset {
  /** [N, M], ascending. */
  readonly idsPredict: Int32Array;
  /** [N, L], 1 predicted. */
  readonly predicted: Float32Array;
}

/** The patches whose place in the shuffled order is `first` or later. CrossMAE, random_masking of models_cross.py. */
export function predictedSubset({ idsRestore }: KeepMask, N: number, L: number, first: number): PredictedSubset {
  const predicted = Float32Array.from(idsRestore, (place) => (place >= first ? 1 : 0));
  const idsPredict = new Int32Array(N * (L - first));
  let at = 0;
  predicted.forEach((chosen, i) => {
    if (chosen) idsPredict[at++] = i % L;
  });
  return { idsPredict, predicted };
}
