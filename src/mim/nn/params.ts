/** Parameters: a flat record of tensors under the names and layouts of the authors' PyTorch checkpoints. */

import { type DType, type Tensor, tensor } from "../ops.ts";
import { fold, generator, type Key, normals } from "../toy/random.ts";

export type Params = Readonly<Record<string, Tensor>>;

/** How a parameter starts. */
export type Init =
  | { readonly constant: number }
  /** Normal with this standard deviation, cut at two deviations. */
  | { readonly normal: number }
  /** Uniform in ±√(6 / (fan in + fan out)), fans of the weight seen as [shape[0], rest]. */
  | "xavier"
  /** Uniform in ±1 / √(fan in), PyTorch's default for convolutions. */
  | "fanIn"
  /** Given numbers, such as a position table. */
  | { readonly values: Float64Array };

export interface ParamSpec {
  readonly shape: readonly number[];
  readonly init: Init;
  /** False for tables that are stored with the parameters but not trained. */
  readonly trainable?: false;
}
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/** Parameters on the host. */
export type HostParams = Record<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array | Float64Array }
>;

/** Starting values, drawn on the host so that every device starts alike; each name has a stream of its own. */
export function initParams(specs: ParamSpecs, key: Key): HostParams {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, init }]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from(startingValues(init, shape, size, fold(key, name))) }];
    }),
  );
}

function startingValues(init: Init, shape: readonly number[], size: number, key: Key): ArrayLike<number> {
  const fanIn = size / (shape[0] ?? 1);
  if (init === "xavier") return uniforms(key, size, Math.sqrt(6 / (fanIn + (shape[0] ?? 1))));
  if (init === "fanIn") return uniforms(key, size, 1 / Math.sqrt(fanIn));
  if ("constant" in init) return new Float64Array(size).fill(init.constant);
  if ("normal" in init) return normals(key, size).map((x) => Math.min(2, Math.max(-2, x)) * init.normal);
  return init.values;
}

function uniforms(key: Key, n: number, bound: number): Float64Array {
  const draw = generator(key);
  return Float64Array.from({ length: n }, () => draw.range(-bound, bound));
}

/** Host parameters as tensors. */
export const toTensors = (host: HostParams, dtype: DType = "float32"): Params =>
  Object.fromEntries(Object.entries(host).map(([name, { shape, data }]) => [name, tensor(data, shape, dtype)]));

/** A record with each name after a prefix: `prefixed("encoder.", specs)`. */
export const prefixed = <T>(prefix: string, specs: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [prefix + name, spec]));

/** The entries whose names start with a prefix, without it. */
export const under = <T>(params: Readonly<Record<string, T>>, prefix: string): Record<string, T> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])),
  );

/** One parameter; an unknown name is an error that says so. */
export function param(params: Params, name: string): Tensor {
  const x = params[name];
  if (!x)
    throw new RangeError(`parameter ${name}: expected among ${Object.keys(params).length} parameters, found none`);
  return x;
}
