import type { HostTensor } from "../method.ts";

/** Features of examples and their classes. */
export interface Labelled {
  /** [n, D] */
  readonly features: HostTensor;
  /** [n], whole numbers from 0. */
  readonly labels: Int32Array;
}

/** Rows and columns of a labelled set, checked: n above 0, a label a row, finite features. */
export function sizeOf({ features, labels }: Labelled): { n: number; D: number } {
  const [n, D] = features.shape;
  if (features.shape.length !== 2 || !n || !D || labels.length !== n || features.data.length !== n * D) {
    throw new RangeError(
      `labelled set: expected features [n, D] and n labels, found [${features.shape}] and ${labels.length}`,
    );
  }
  if (!features.data.every(Number.isFinite))
    throw new RangeError("labelled set: expected finite features, found others");
  return { n, D };
}
