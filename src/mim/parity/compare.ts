import type { HostTensor } from "../method.ts";
import { type Fixture, type Gradients, isTensor, type JsonTensor } from "./fixture.ts";

/** `exact` for masks and indices, `forward` for values, `gradient` for derivatives. */
export type Precision = "exact" | "forward" | "gradient";

/** One comparison of ours with the recording. */
export interface Check {
  readonly name: string;
  readonly precision: Precision;
  /** Largest difference, and that difference over the size of the largest expected value. */
  readonly maxAbs: number;
  readonly maxRel: number;
  readonly ok: boolean;
  /** What is wrong when the two cannot be compared at all. */
  readonly problem?: string;
  /** Our name of what was compared, where the recording has a name of its own for it. */
  readonly ours?: string;
}

/** Largest allowed |ours - theirs| is `relative` · max(|theirs|, root mean square of theirs) + `absolute`. */
const TOLERANCE = {
  float32: { exact: [0, 0], forward: [1e-4, 1e-5], gradient: [1e-3, 1e-5] },
  float64: { exact: [0, 0], forward: [1e-6, 1e-7], gradient: [1e-6, 1e-7] },
} as const satisfies Record<string, Record<Precision, readonly [relative: number, absolute: number]>>;

export type RunDType = keyof typeof TOLERANCE;

export type Actual = HostTensor | ArrayLike<number> | number | boolean;
export type Expected = JsonTensor | readonly number[] | number | boolean;

/** Compares numbers one by one; shapes must agree where both sides have one. */
export function check(
  name: string,
  expected: Expected,
  actual: Actual | undefined,
  precision: Precision,
  dtype: RunDType,
): Check {
  const fail = (problem: string): Check => ({
    name,
    precision,
    maxAbs: Infinity,
    maxRel: Infinity,
    ok: false,
    problem,
  });
  if (actual === undefined) return fail("not computed");
  const want = flat(expected);
  const got = flat(actual);
  const shapes = [shapeOf(expected), shapeOf(actual)];
  if (shapes[0] && shapes[1] && String(shapes[0]) !== String(shapes[1])) {
    return fail(`expected shape [${shapes[0]}], found [${shapes[1]}]`);
  }
  if (want.length !== got.length) return fail(`expected ${want.length} numbers, found ${got.length}`);
  const [relative, absolute] = TOLERANCE[dtype][precision];
  const rms = Math.sqrt(want.reduce((a, x) => a + x * x, 0) / Math.max(1, want.length));
  let maxAbs = 0;
  let largest = 0;
  let ok = true;
  want.forEach((x, i) => {
    const y = got[i]!;
    const difference = x === y ? 0 : Math.abs(x - y);
    maxAbs = Number.isNaN(difference) ? Infinity : Math.max(maxAbs, difference);
    largest = Math.max(largest, Math.abs(x));
    if (!(difference <= relative * Math.max(Math.abs(x), precision === "exact" ? 0 : rms) + absolute)) ok = false;
  });
  return { name, precision, maxAbs, maxRel: largest > 0 ? maxAbs / largest : maxAbs, ok };
}

const flat = (x: Expected | Actual): number[] => {
  if (typeof x === "number" || typeof x === "boolean") return [Number(x)];
  return Array.from("data" in (x as object) ? (x as HostTensor).data : (x as ArrayLike<number>), Number);
};
const shapeOf = (x: Expected | Actual): readonly number[] | undefined =>
  typeof x === "object" && "shape" in x ? (x as HostTensor).shape : undefined;

/**
 * Compares every recorded output of a section, nested ones as `name.part`. `name_head` stands for the first entries of `name`
 * along its last axis (or its channels), `name_l2` for its norm. Whole numbers and truth values are compared exactly. A
 * tensor under a name that we do not know is compared with ours of the same shape that equals it, whose name is reported.
 */
export function checkOutputs(
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, Actual>>,
  dtype: RunDType,
  prefix = "outputs.",
): Check[] {
  return Object.entries(flatOutputs(expected)).map(([name, x]) => {
    const precision = isTensor(x) && x.dtype !== "float" ? "exact" : "forward";
    if (name in actual) return check(prefix + name, x, actual[name], precision, dtype);
    const whole = actual[name.replace(/_(head|l2)$/, "")] as HostTensor | undefined;
    if (whole && name.endsWith("_head"))
      return check(prefix + name, x, leading(whole, (x as JsonTensor).shape), precision, dtype);
    if (whole && name.endsWith("_l2")) return check(prefix + name, x, norm(whole.data), precision, dtype);
    return equalTensor(prefix + name, x, actual, dtype) ?? check(prefix + name, x, undefined, precision, dtype);
  });
}

/** Lists and records of tensors as one record, by path. */
function flatOutputs(outputs: Readonly<Record<string, unknown>>, path = ""): Record<string, Expected> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([key, x]) =>
      isTensor(x) || typeof x !== "object" || x === null || isNumbers(x)
        ? [[path + key, x as Expected]]
        : Object.entries(flatOutputs(x as Record<string, unknown>, `${path}${key}.`)),
    ),
  );
}

const isNumbers = (x: object): boolean => Array.isArray(x) && x.every((n) => typeof n === "number");

/** The comparison with a tensor of ours that agrees, where one of the same shape does and numbers enough say so. */
function equalTensor(
  name: string,
  expected: Expected,
  actual: Readonly<Record<string, Actual>>,
  dtype: RunDType,
): Check | undefined {
  if (!isTensor(expected) || expected.data.length < 4) return undefined;
  const precision = expected.dtype === "float" ? "forward" : "exact";
  for (const [ours, x] of Object.entries(actual)) {
    if (String(shapeOf(x)) !== String(expected.shape)) continue;
    const compared = check(name, expected, x, precision, dtype);
    if (compared.ok) return { ...compared, ours };
  }
  return undefined;
}

/** The one of several quantities that is closest to a recorded one, where code bases call different ones by one name. */
export function closest(expected: unknown, ...candidates: readonly HostTensor[]): HostTensor {
  const want = isTensor(expected) ? expected.data : [];
  const distance = ({ data }: HostTensor) =>
    data.length === want.length ? want.reduce((far, x, i) => Math.max(far, Math.abs(x - data[i]!)), 0) : Infinity;
  return candidates.reduce((best, x) => (distance(x) < distance(best) ? x : best));
}

/** The corner of a tensor that has the given shape. */
function leading(x: HostTensor, shape: readonly number[]): HostTensor {
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    let at = 0;
    let stride = x.data.length;
    const index = new Array<number>(shape.length);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    index.forEach((k, axis) => {
      stride /= x.shape[axis]!;
      at += k * stride;
    });
    data[i] = x.data[at]!;
  }
  return { shape, data };
}

const norm = (data: ArrayLike<number>): number => Math.sqrt(Array.from(data).reduce((a, x) => a + x * x, 0));

/** Compares every parameter's gradient: norm, sum and probe of all, every number of those recorded in full. */
export function checkGradients(
  expected: Gradients,
  actual: Readonly<Record<string, HostTensor>>,
  dtype: RunDType,
  prefix = "grads.",
): Check[] {
  const stats = Object.entries(expected.stats).map(([name, want]) => {
    const g = actual[name];
    if (!g) return check(prefix + name, want.l2, undefined, "gradient", dtype);
    const got = gradientStats(g.data);
    // A sum of n numbers of this norm is as sure as the norm is.
    const tolerant = { shape: [3], dtype: "float", data: [want.l2, want.sum, want.probe] } as const;
    return check(`${prefix}${name}.stats`, tolerant, [got.l2, got.sum, got.probe], "gradient", dtype);
  });
  const full = Object.entries(expected.full).map(([name, want]) =>
    check(`${prefix}${name}`, want, actual[name], "gradient", dtype),
  );
  return [...stats, ...full];
}

/** Norm, sum and Σ gᵢ sin(i) of a gradient. */
export function gradientStats(g: ArrayLike<number>): { l2: number; sum: number; probe: number } {
  let [square, sum, probe] = [0, 0, 0];
  for (let i = 0; i < g.length; i++) {
    square += g[i]! ** 2;
    sum += g[i]!;
    probe += g[i]! * Math.sin(i + 1);
  }
  return { l2: Math.sqrt(square), sum, probe };
}

/** Checks of a whole model: all recorded outputs and gradients. */
export const checkModel = (
  fixture: Fixture,
  actual: Readonly<Record<string, Actual>>,
  grads: Readonly<Record<string, HostTensor>>,
  dtype: RunDType,
): Check[] => [
  ...checkOutputs(fixture.outputs ?? {}, actual, dtype),
  ...(fixture.grads ? checkGradients(fixture.grads, grads, dtype) : []),
];
