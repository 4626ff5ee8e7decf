import type { HostTensor } from "../method.ts";

/** Index lists filled up to one width, so that shapes stay the same from batch to batch. */
export interface PaddedIds {
  /** int32 [N, width]; index 0 where a list has ended. */
  readonly ids: HostTensor;
  /** [N, width], 1 where there is an index, 0 where a list has ended. */
  readonly valid: HostTensor;
}

/** Lists [N, K] -> [N, width], K at most width. */
export function paddedIds(lists: Int32Array, N: number, width: number): PaddedIds {
  const K = lists.length / N;
  if (K > width) throw new RangeError(`paddedIds: expected lists of at most ${width} indices, found ${K}`);
  const ids = new Int32Array(N * width);
  const valid = new Float32Array(N * width);
  for (let n = 0; n < N; n++) {
    ids.set(lists.subarray(n * K, (n + 1) * K), n * width);
    valid.fill(1, n * width, n * width + K);
  }
  return { ids: { shape: [N, width], data: ids }, valid: { shape: [N, width], data: valid } };
}
