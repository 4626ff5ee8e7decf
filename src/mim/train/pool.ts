import { seededDraws } from "../draws.ts";
import type { HostInputs, HostTensor } from "../method.ts";
import { fold, type Key } from "../toy/random.ts";

/** Examples that training draws its batches from: every array has the example as its first axis. */
export interface Pool {
  readonly size: number;
  /** The batch of a step; each epoch goes through the pool in an order of its own. */
  batch(step: number): HostInputs;
}

/** Batches of `batch` from rendered examples, in an order that the key sets. */
export function pool(examples: HostInputs, batch: number, key: Key): Pool {
  const size = Object.values(examples)[0]!.shape[0]!;
  const idsOf = batchOrder(size, batch, key);
  return { size, batch: (step) => rowsOf(examples, idsOf(step)) };
}

/** Which of `size` examples make the batch of a step: every epoch goes through all of them in an order of its own. */
export function batchOrder(size: number, batch: number, key: Key): (step: number) => Int32Array {
  if (batch > size) throw new RangeError(`pool: expected at least ${batch} examples, found ${size}`);
  const perEpoch = Math.floor(size / batch);
  let epoch = -1;
  let order: Int32Array = new Int32Array();
  return (step) => {
    const wanted = Math.floor(step / perEpoch);
    if (wanted !== epoch) order = seededDraws(fold(key, wanted)).permutation(size);
    epoch = wanted;
    const at = (step % perEpoch) * batch;
    return order.subarray(at, at + batch);
  };
}

/** The examples of the given indices. */
export function rowsOf(examples: HostInputs, ids: ArrayLike<number>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(examples).map(([name, { shape, data }]) => {
      const each = data.length / shape[0]!;
      const rows = data.slice(0, each * ids.length);
      for (let i = 0; i < ids.length; i++) rows.set(data.subarray(ids[i]! * each, (ids[i]! + 1) * each), i * each);
      return [name, { shape: [ids.length, ...shape.slice(1)], data: rows }];
    }),
  );
}
