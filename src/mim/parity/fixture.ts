/** Recorded runs of the authors' code: inputs, random draws, parameters and expected results (schema mim-parity/1). */
import type { HostTensor } from "../method.ts";

/** A fault of the file or of the question put to it: an unknown method, option or parameter. */
export class ParityError extends Error {}

export interface JsonTensor {
  readonly shape: readonly number[];
  readonly dtype: "float" | "int" | "bool";
  readonly data: readonly number[];
}

export interface RecordedDraw {
  readonly call: string;
  readonly out: JsonTensor | number;
  readonly perm?: JsonTensor | readonly number[];
  readonly gumbel?: JsonTensor;
}

export interface Fixture {
  readonly schema: "mim-parity/1";
  readonly method: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly draws?: readonly RecordedDraw[];
  readonly inputs?: Readonly<Record<string, JsonTensor>>;
  readonly params?: Readonly<Record<string, JsonTensor>>;
  readonly outputs?: Readonly<Record<string, JsonTensor>>;
  readonly grads?: Gradients;
  /** Sections that only some fixtures have: cases, steps, teacher parameters … */
  readonly [section: string]: unknown;
}

export interface Gradients {
  /** L2 norm, sum, and Σ gᵢ sin(i), i from 1, of each parameter's gradient. */
  readonly stats: Readonly<Record<string, { readonly l2: number; readonly sum: number; readonly probe: number }>>;
  readonly full: Readonly<Record<string, JsonTensor>>;
}

/** A fixture from its text. */
export function parseFixture(text: string): Fixture {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ParityError(`expected JSON, found ${(error as Error).message}`);
  }
  const fixture = json as Partial<Fixture> | null;
  if (fixture?.schema !== "mim-parity/1") {
    throw new ParityError(`schema: expected "mim-parity/1", found ${JSON.stringify(fixture?.schema)}`);
  }
  if (typeof fixture.method !== "string" || typeof fixture.config !== "object" || fixture.config === null) {
    throw new ParityError("method and config: expected a name and a record, found none");
  }
  return fixture as Fixture;
}

export const isTensor = (x: unknown): x is JsonTensor =>
  typeof x === "object" && x !== null && "shape" in x && "data" in x;

/** A recorded tensor as host numbers, whole numbers as int32. */
export function host(x: JsonTensor): HostTensor {
  return { shape: x.shape, data: x.dtype === "float" ? Float64Array.from(x.data) : Int32Array.from(x.data, Number) };
}

/** All tensors of a record as host numbers. */
export const hosts = (record: Readonly<Record<string, JsonTensor>> = {}): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [name, host(x)]));

/**
 * The options of a fixture. `known` holds every option this package understands with the value it has when the fixture
 * leaves it out; any other key is an error, so that an option is never passed over in silence. Remarks are no options:
 * prose, things set to nothing, dropout that is off.
 */
export function options<T extends Readonly<Record<string, unknown>>>(fixture: Fixture, known: T): T {
  const given = Object.entries(fixture.config).filter(([key, value]) => key in known || !isRemark(key, value));
  for (const [key, value] of given) {
    if (!(key in known)) {
      const names = Object.keys(known).join(", ");
      throw new ParityError(`config.${key}: expected an option of ${fixture.method} (${names}), found ${key}`);
    }
    if (known[key] !== null && value !== null && typeof value !== typeof known[key]) {
      throw new ParityError(`config.${key}: expected a ${typeof known[key]}, found ${JSON.stringify(value)}`);
    }
  }
  return { ...known, ...Object.fromEntries(given) } as T;
}

function isRemark(key: string, value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "string" ? /\s/.test(value) : /drop/.test(key) && Number(value) === 0;
}

/** The eps of a normalisation layer, `blocks.0.norm1`, as the fixture's `modules` describe it; `otherwise` without them. */
export function normalizationEps(fixture: Fixture, layer: string, otherwise: number): number {
  for (const model of Object.values((fixture.modules ?? {}) as Record<string, Record<string, string>>)) {
    const eps = /eps=([\d.e-]+)/.exec(model[layer] ?? "")?.[1];
    if (eps !== undefined) return Number(eps);
  }
  return otherwise;
}
