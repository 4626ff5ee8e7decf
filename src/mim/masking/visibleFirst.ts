import { idsOf } from "./maskedIds.ts";

/** The split that a mask [N, L] makes, patches of either kind in ascending order. */
export interface VisibleFirst {
  /** [N, K] */
  readonly idsKeep: Int32Array;
  /** [N, M], the hidden ones. */
  readonly idsMasked: Int32Array;
  /** [N, L], place of each patch when the visible ones come first. */
  readonly idsRestore: Int32Array;
}

/** Visible patches, then hidden ones; all samples must hide equally many. mask [N, L], 1 hidden. */
export function visibleFirst(mask: ArrayLike<number>, N: number, L: number): VisibleFirst {
  const idsKeep = idsOf(mask, N, 0);
  const idsMasked = idsOf(mask, N, 1);
  const [K, M] = [idsKeep.length / N, idsMasked.length / N];
  const idsRestore = new Int32Array(N * L);
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) idsRestore[n * L + idsKeep[n * K + k]!] = k;
    for (let m = 0; m < M; m++) idsRestore[n * L + idsMasked[n * M + m]!] = K + m;
  }
  return { idsKeep, idsMasked, idsRestore };
}
