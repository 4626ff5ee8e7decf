import type { Params } from "../nn/params.ts";
import { concat, reshape, slice, type Tensor } from "../ops.ts";

/** Tensors of a step held together: each small one would cost the engine as much as a large one. */
export interface Packing {
  readonly pack: (record: Params) => Params;
  readonly unpack: (packed: Params) => Params;
  /** For each packed name, one of the names it holds. */
  readonly members: Readonly<Record<string, string>>;
}

const SMALL = 4096;

/**
 * Joins tensors of up to 4,096 numbers end to end, those of one `group` into one vector; larger ones stay by themselves.
 * `unpack` undoes `pack`; both may be traced. The optimizer steps the joined vectors like any parameter.
 */
export function packing(
  shapes: Readonly<Record<string, readonly number[]>>,
  group: (name: string) => string | undefined,
): Packing {
  const joined = new Map<string, string[]>();
  const single: string[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const label = sizeOf(shape) <= SMALL ? group(name) : undefined;
    if (label === undefined) single.push(name);
    else joined.set(label, [...(joined.get(label) ?? []), name]);
  }
  const flat = (x: Tensor) => reshape(x, [-1]);
  return {
    members: Object.fromEntries([
      ...single.map((name) => [name, name]),
      ...[...joined].map(([label, names]) => [label, names[0]]),
    ]),
    pack: (record) => ({
      ...Object.fromEntries(single.map((name) => [name, record[name] as Tensor])),
      ...Object.fromEntries(
        [...joined].map(([label, names]) => [
          label,
          concat(
            names.map((name) => flat(record[name] as Tensor)),
            0,
          ),
        ]),
      ),
    }),
    unpack(packed) {
      const record: Record<string, Tensor> = {};
      for (const name of single) record[name] = packed[name] as Tensor;
      for (const [label, names] of joined) {
        let at = 0;
        for (const name of names) {
          const shape = shapes[name] as readonly number[];
          record[name] = reshape(slice(packed[label] as Tensor, 0, at, at + sizeOf(shape)), shape);
          at += sizeOf(shape);
        }
      }
      return Object.fromEntries(Object.keys(shapes).map((name) => [name, record[name] as Tensor]));
    },
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
