/**
 * Tensors with value semantics: an operation leaves its arguments as they were and returns a new tensor.
 *
 * The engine (jax-js) counts references and frees an argument that an operation consumes. Here every operation takes a
 * reference of its own, and `scope` frees what was made inside it, so that methods read like formulas. All engine calls
 * of the package stand in this module, and so do the ways round its defects:
 *
 * - matmul of unequal ranks gives a wrong layout: ranks are made equal.
 * - gathers inside a compiled gradient fail: `gather`, `embed` multiply by one-hot matrices.
 * - in float64, numbers among the operands of compiled code are rounded to float32: made tensors first ("numberFor").
 * - in float64, exp, log and what is made of them are as inexact as in float32: computed anew ("float64" below).
 * - convolutions are slow or wrong on some devices: sums of shifted products (nn/convolution.ts).
 */
import {
  defaultDevice,
  jit as engineJit,
  valueAndGrad as engineValueAndGrad,
  init,
  lax,
  nn,
  numpy as np,
  profiler,
} from "@jax-js/jax";

/** A tensor; its numbers are read with `read`. */
export type Tensor = np.Array;
export type DType = "float32" | "float64" | "int32" | "bool";
/** A tensor or a plain number, which takes the dtype of the other operand. */
export type Operand = Tensor | number;
/** Tensors in arrays and records, nested as wanted. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };
export type Axis = number | number[];

/** Runs `run` while the engine leaves a `performance.measure` of each kernel. */
export async function traceKernels(run: () => Promise<void>): Promise<void> {
  profiler.startTrace();
  try {
    await run();
  } finally {
    profiler.stopTrace();
  }
}

// ---------------------------------------------------------------------------------------------------------- memory

const scopes: Tensor[][] = [];

function track(x: Tensor): Tensor {
  scopes.at(-1)?.push(x);
  return x;
}

/** Runs `body` and frees every tensor made inside it, except those it returns. Bodies are synchronous. */
export function scope<T extends Tree>(body: () => T): T {
  const made: Tensor[] = [];
  scopes.push(made);
  let kept: Tensor[] = [];
  try {
    const result = body();
    kept = leaves(result).map((x) => x.ref);
    return result;
  } finally {
    scopes.pop();
    for (const x of made) x.dispose();
    for (const x of kept) track(x);
  }
}

/** Frees tensors that no scope owns, such as the parameters that a step has replaced. */
export function dispose(tree: Tree): void {
  for (const x of leaves(tree)) x.dispose();
}

/** The tensors of a tree, depth first, record keys in their own order. */
export function leaves(tree: Tree): Tensor[] {
  if (isTensor(tree)) return [tree];
  return Object.values(tree as Record<string, Tree>).flatMap(leaves);
}

const isTensor = (x: unknown): x is Tensor => typeof (x as Tensor).dispose === "function";

/** The same tree with each tensor held once more, for the engine to consume. */
function lend<T>(tree: T): T {
  if (typeof tree === "number" || typeof tree === "boolean") return tree;
  if (isTensor(tree)) return tree.ref as T;
  if (Array.isArray(tree)) return tree.map(lend) as T;
  return Object.fromEntries(Object.entries(tree as Record<string, Tree>).map(([k, v]) => [k, lend(v)])) as T;
}

const borrow = (x: Operand): Operand => (typeof x === "number" ? x : x.ref);

/** An operand beside another one: in compiled code a number would be rounded to float32 whatever it meets. */
const numberFor = (other: Operand, x: Operand): Operand =>
  typeof x === "number" && typeof other !== "number" && other.dtype === "float64"
    ? np.full([], x, { dtype: "float64" } as never)
    : borrow(x);

// ------------------------------------------------------------------------------------------------------------ start

export type Device = "wasm" | "webgpu";

/** Starts the engine on a device and makes it the default; resolves to false where the host has no such device. */
export async function start(device: Device = "wasm"): Promise<boolean> {
  const started = await init(device);
  if (!started.includes(device)) return false;
  defaultDevice(device);
  return true;
}

// ------------------------------------------------------------------------------------------------------- transforms

/**
 * Compiles a function of tensor trees. It is traced once for each set of shapes; numbers among the arguments become
 * scalars, so that a learning rate may change without a new trace.
 */
export function compile<A extends readonly unknown[], R extends Tree>(body: (...args: A) => R): (...args: A) => R {
  const compiled = engineJit(((...args: A) => consuming(body, args)) as never) as unknown as (...args: A) => R;
  return (...args) => {
    const result = compiled(...(args.map(lend) as unknown as A));
    leaves(result).forEach(track);
    return result;
  };
}

/** Value and gradient of `body`'s scalar with respect to its first argument; `aux` is carried along. */
export function valueAndGrad<P extends Tree, A extends readonly unknown[], X extends Tree>(
  body: (params: P, ...rest: A) => readonly [value: Tensor, aux: X],
): (params: P, ...rest: A) => { value: Tensor; aux: X; grads: P } {
  const run = engineValueAndGrad(((...args: [P, ...A]) => consuming(body as never, args)) as never, {
    hasAux: true,
  }) as unknown as (...args: unknown[]) => [[Tensor, X], P];
  return (params, ...rest) => {
    const [[value, aux], grads] = run(lend(params), ...rest.map(lend));
    for (const x of leaves([value, aux, grads])) track(x);
    return { value, aux, grads };
  };
}

/** Runs a body on arguments it owns, as the engine's transforms expect, and frees them and all it made. */
function consuming<A extends readonly unknown[], R extends Tree>(body: (...args: A) => R, args: A): R {
  const made: Tensor[] = [];
  scopes.push(made);
  try {
    return lend(body(...args));
  } finally {
    scopes.pop();
    for (const x of [...made, ...leaves(args as unknown as Tree)]) x.dispose();
  }
}

// --------------------------------------------------------------------------------------------------- in, out, fill

type Numbers = Float32Array | Float64Array | Int32Array | readonly number[];

/** A tensor of given numbers, row by row. */
export function tensor(data: Numbers, shape: readonly number[], dtype: DType = "float32"): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size) {
    throw new RangeError(`tensor: expected ${size} numbers for shape [${shape}], found ${data.length}`);
  }
  const Typed = dtype === "float64" ? Float64Array : dtype === "float32" ? Float32Array : Int32Array;
  const typed = data instanceof Typed ? data : Typed.from(data as ArrayLike<number>);
  const flat = np
    .array(typed as Float32Array<ArrayBuffer>, { dtype: dtype === "bool" ? "int32" : dtype } as never)
    .reshape([...shape]);
  return track(dtype === "bool" ? np.notEqual(flat, 0) : flat);
}

/** The numbers of a tensor, row by row; the tensor stays usable. */
export const read = (x: Tensor): Promise<Float32Array | Float64Array | Int32Array> =>
  (x.ref as np.Array).data() as Promise<Float32Array | Float64Array | Int32Array>;

/** As `read`, blocking; on WASM only. */
export const readSync = (x: Tensor): Float32Array | Float64Array | Int32Array =>
  (x.ref as np.Array).dataSync() as Float32Array | Float64Array | Int32Array;

export const full = (shape: readonly number[], value: number, dtype: DType = "float32"): Tensor =>
  track(np.full([...shape], value, { dtype } as never));
export const zeros = (shape: readonly number[], dtype?: DType): Tensor => full(shape, 0, dtype);
export const ones = (shape: readonly number[], dtype?: DType): Tensor => full(shape, 1, dtype);
export const zerosLike = (x: Tensor): Tensor => full(x.shape, 0, x.dtype as DType);
export const onesLike = (x: Tensor): Tensor => full(x.shape, 1, x.dtype as DType);
/** 0, 1 … n-1, int32. */
export const range = (n: number): Tensor => track(np.arange(0, n, 1, { dtype: "int32" } as never));
export const eye = (n: number, dtype: DType = "float32"): Tensor => track(np.eye(n, n, { dtype } as never));
export const cast = (x: Tensor, dtype: DType): Tensor => track(np.astype(x.ref, dtype as never));
/** The same numbers, through which no gradient flows. */
export const stopGradient = (x: Tensor): Tensor => track(lax.stopGradient(x.ref));

// ------------------------------------------------------------------------------------------------------ elementwise

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Operand, b: Operand) => Tensor;
const unary =
  (f: (x: Tensor) => Tensor): Unary =>
  (x) =>
    track(f(x.ref));
const binary =
  (f: (a: never, b: never) => Tensor): Binary =>
  (a, b) =>
    track(f(numberFor(b, a) as never, numberFor(a, b) as never));

export const add: Binary = binary(np.add);
export const sub: Binary = binary(np.subtract);
export const mul: Binary = binary(np.multiply);
export const div: Binary = binary(np.trueDivide);
export const maximum: Binary = binary(np.maximum);
export const minimum: Binary = binary(np.minimum);
/** `a` to the power of `b`; a whole number b from 2 to 8 is multiplied out, which the engine does by way of logarithms. */
export function power(a: Operand, b: Operand): Tensor {
  if (typeof a === "number" || typeof b !== "number") return binary(np.power)(a, b);
  if (Number.isInteger(b) && b >= 2 && b <= 8)
    return Array(b - 1)
      .fill(a)
      .reduce(mul, a);
  return a.dtype === "float64" ? exp64(mul(log64(a), b)) : binary(np.power)(a, b);
}
export const less: Binary = binary(np.less);
export const lessEqual: Binary = binary(np.lessEqual);
export const greater: Binary = binary(np.greater);
export const greaterEqual: Binary = binary(np.greaterEqual);
export const equal: Binary = binary(np.equal);
export const neg: Unary = unary(np.negative);
export const exp: Unary = exactly(exp64, unary(np.exp));
export const log: Unary = exactly(log64, unary(np.log));
export const sqrt: Unary = unary(np.sqrt);
export const square: Unary = unary(np.square);
/** Slope 0 at 0, as PyTorch has it; the engine's is 1. */
export const abs: Unary = (x) => mul(x, sign(stopGradient(x)));
export const sign: Unary = unary(np.sign);
export const sin: Unary = exactly((x) => moved(unary(np.sin)(x), sin64(x)), unary(np.sin));
export const cos: Unary = exactly((x) => moved(unary(np.cos)(x), sin64(add(x, Math.PI / 2))), unary(np.cos));
export const floor: Unary = unary(np.floor);
export const tanh: Unary = exactly((x) => sub(mul(sigmoid64(mul(x, 2)), 2), 1), unary(np.tanh));
export const sigmoid: Unary = exactly(sigmoid64, unary(nn.sigmoid));
/** Slope 0 at 0, as PyTorch has it; the engine's is 1. */
export const relu: Unary = (x) => where(greater(stopGradient(x), 0), x, 0);
export const softplus: Unary = exactly(softplus64, unary(nn.softplus));
export const atan2: Binary = binary(np.atan2);
export const logicalNot: Unary = unary(np.logicalNot);
/** x Φ(x) with the exact error function. */
export const gelu: Unary = exactly(
  gelu64,
  unary((x) => nn.gelu(x, { approximate: false })),
);
/** GELU by tanh, cheaper. */
export const geluTanh: Unary = exactly(
  (x) => mul(x, sigmoid64(mul(add(x, mul(power(x, 3), 0.044715)), 2 * Math.sqrt(2 / Math.PI)))),
  unary((x) => nn.gelu(x, { approximate: true })),
);
/** `a` where the condition holds, else `b`. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  track(np.where(condition.ref, numberFor(b, a) as never, numberFor(a, b) as never));
export const clip = (x: Tensor, low: number, high: number): Tensor => minimum(maximum(x, low), high);
/** Sum of several operands. */
export const sumOf = (...terms: Operand[]): Tensor =>
  terms.slice(1).reduce<Operand>(add, terms[0] as Operand) as Tensor;

// ------------------------------------------------------------------------------------------------------------ float64

/** One way for float64, another for the rest. */
function exactly(in64: Unary, otherwise: Unary): Unary {
  return (x) => (x.dtype === "float64" ? in64(x) : otherwise(x));
}

/** e^x = 2^k e^r with |r| < 0.35, by a short series; the engine's exp goes by way of float32. |x| is cut at 350. */
function exp64(x: Tensor): Tensor {
  const inside = clip(x, -350, 350);
  const k = floor(add(mul(stopGradient(inside), Math.LOG2E), 0.5));
  const r = sub(inside, mul(k, Math.LN2));
  let series: Operand = 1 / 13;
  for (let n = 12; n >= 1; n--) series = mul(add(mul(r, series), 1), 1 / n);
  return mul(powerOfTwo(k), add(mul(r, series), 1));
}

/** 2^k for whole k from -512 to 511, bit by bit. */
function powerOfTwo(k: Tensor): Tensor {
  let bits = add(k, 512);
  let y: Operand = 2 ** -512;
  for (let i = 0; i < 10; i++) {
    const half = floor(mul(bits, 0.5));
    y = mul(y, add(mul(sub(bits, mul(half, 2)), 2 ** (2 ** i) - 1), 1));
    bits = half;
  }
  return y as Tensor;
}

/** The engine's value y and its error, log(x / e^y), by the series of log(1 + t). */
function log64(x: Tensor): Tensor {
  const y = track(np.log(x.ref));
  const t = sub(mul(stopGradient(x), exp64(neg(stopGradient(y)))), 1);
  const error = sub(t, mul(square(t), sub(0.5, mul(t, 1 / 3))));
  return add(y, where(less(abs(stopGradient(y)), 1e30), error, 0));
}

function sigmoid64(x: Tensor): Tensor {
  return div(1, add(exp64(neg(x)), 1));
}

function softplus64(x: Tensor): Tensor {
  return add(maximum(x, 0), log64(add(exp64(neg(abs(x))), 1)));
}

/** The engine's value, through which the gradient flows, moved to the exact one. */
function moved(rough: Tensor, exact: Tensor): Tensor {
  return add(rough, stopGradient(sub(exact, rough)));
}

/** The series of the sine, x brought within half a turn. */
function sin64(x: Tensor): Tensor {
  const turn = 2 * Math.PI;
  const r = sub(x, mul(floor(add(div(x, turn), 0.5)), turn));
  const minusSquare = neg(square(r));
  let series: Operand = 1;
  for (let n = 27; n > 1; n -= 2) series = add(mul(mul(minusSquare, series), 1 / (n * (n - 1))), 1);
  return mul(r, series);
}

/** Fitted to ln(erfc(z) exp(z²) / t) with t = 2 / (2 + z), z from 0 to 40, in powers of 2.1 t - 1.1; error below 6e-12. */
const LOG_ERFC = [
  -0.6396612122666, 0.6445991026214, 0.03675216757514, -0.04195887299158, -0.006351752689435, 0.007220515264431,
  0.0007266889444744, -0.00166911579757, 8.747795703543e-5, 0.0003941464953199, -0.0001050673253138, -7.86992558171e-5,
  4.48133978563e-5, 1.065334474029e-5, -1.17574939112e-5, -6.219020816148e-7, 1.534127823381e-6,
];

/** x Φ(x); the engine's error function is off by up to 1.5e-7. The slope is given, not derived: Φ(x) + x φ(x). */
function gelu64(x: Tensor): Tensor {
  const at = stopGradient(x);
  const z = minimum(mul(abs(at), Math.SQRT1_2), 18);
  const t = div(2, add(z, 2));
  const u = sub(mul(t, 2.1), 1.1);
  const fitted = LOG_ERFC.reduceRight<Operand>((sum, c) => add(mul(sum, u), c), 0) as Tensor;
  const tail = mul(mul(t, 0.5), exp64(sub(fitted, square(z)))); // Φ(-|x|)
  const below = where(less(at, 0), tail, sub(1, tail)); // Φ(x)
  const density = mul(exp64(mul(square(at), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(mul(at, below), mul(add(below, mul(at, density)), sub(x, at)));
}

// --------------------------------------------------------------------------------------------------------- reductions

interface Reduce {
  readonly keepdims?: boolean;
}
const reduction =
  (f: (x: Tensor, axis: never, options: Reduce) => Tensor) =>
  (x: Tensor, axis: Axis | null = null, options: Reduce = {}): Tensor =>
    track(f(x.ref, axis as never, options));

export const sum = reduction(np.sum);
export const mean = (x: Tensor, axis: Axis | null = null, options: Reduce = {}): Tensor =>
  x.dtype === "float64" ? div(sum(x, axis, options), sizeAlong(x, axis)) : reduction(np.mean)(x, axis, options);
export const max = reduction(np.max);
export const min = reduction(np.min);
/** Variance; `correction` 1 divides by n - 1. */
export function variance(x: Tensor, axis: Axis, options: Reduce & { readonly correction?: number } = {}): Tensor {
  const { correction = 0, keepdims = false } = options;
  if (x.dtype === "float64") {
    const centred = sub(x, mean(x, axis, { keepdims: true }));
    return div(sum(square(centred), axis, { keepdims }), sizeAlong(x, axis) - correction);
  }
  return track(np.var_(x.ref, axis as never, { correction, keepdims } as never));
}
/** How many numbers one result of a reduction is made of. */
const sizeAlong = (x: Tensor, axis: Axis | null): number =>
  (axis === null ? x.shape.map((_, i) => i) : [axis].flat()).reduce((n, a) => n * x.shape.at(a)!, 1);
export const argmax = (x: Tensor, axis = -1): Tensor => track(np.argmax(x.ref, axis));
export const argmin = (x: Tensor, axis = -1): Tensor => track(np.argmin(x.ref, axis));
/** Indices that sort ascending; no gradient. */
export const argsort = (x: Tensor, axis = -1): Tensor => track(np.argsort(lax.stopGradient(x.ref), axis));
export const cumsum = (x: Tensor, axis: number): Tensor => track(np.cumsum(x.ref, axis));
export function softmax(x: Tensor, axis = -1): Tensor {
  if (x.dtype !== "float64") return track(nn.softmax(x.ref, axis));
  const shares = exp64(sub(x, stopGradient(max(x, axis, { keepdims: true }))));
  return div(shares, sum(shares, axis, { keepdims: true }));
}
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  x.dtype === "float64" ? sub(x, logSumExp(x, axis, { keepdims: true })) : track(nn.logSoftmax(x.ref, axis));
export function logSumExp(x: Tensor, axis: Axis, options: Reduce = {}): Tensor {
  if (x.dtype !== "float64") return track(nn.logsumexp(x.ref, axis as never, options as never));
  const largest = stopGradient(max(x, axis, { keepdims: true }));
  const total = log64(sum(exp64(sub(x, largest)), axis, options));
  return add(total, options.keepdims ? largest : reshape(largest, total.shape));
}
/** Scaled to unit length along an axis, as PyTorch's F.normalize: x / max(‖x‖, eps). */
export function normalize(x: Tensor, axis = -1, eps = 1e-12): Tensor {
  return div(x, sqrt(maximum(sum(square(x), axis, { keepdims: true }), eps * eps)));
}

// -------------------------------------------------------------------------------------------------------------- shape

export const reshape = (x: Tensor, shape: readonly number[]): Tensor => track(np.reshape(x.ref, [...shape]));
export const transpose = (x: Tensor, perm?: readonly number[]): Tensor =>
  track(np.transpose(x.ref, perm ? [...perm] : undefined));
export const concat = (xs: readonly Tensor[], axis: number): Tensor =>
  track(
    np.concatenate(
      xs.map((x) => x.ref),
      axis,
    ),
  );
export const stack = (xs: readonly Tensor[], axis = 0): Tensor =>
  track(
    np.stack(
      xs.map((x) => x.ref),
      axis,
    ),
  );
/** Rows start … end-1 of one axis. */
export function slice(
  x: Tensor,
  axis: number,
  start: number,
  end = x.shape[axis < 0 ? axis + x.ndim : axis] as number,
): Tensor {
  const at = axis < 0 ? axis + x.ndim : axis;
  const index = Array.from({ length: at + 1 }, (_, i) => (i === at ? [start, end] : []));
  return track((x.ref as np.Array).slice(...(index as never[])) as Tensor);
}
/** The axis cut into equal parts. */
export function split(x: Tensor, parts: number, axis: number): Tensor[] {
  const at = axis < 0 ? axis + x.ndim : axis;
  const width = (x.shape[at] as number) / parts;
  return Array.from({ length: parts }, (_, i) => slice(x, at, i * width, (i + 1) * width));
}
/** Entry i of an axis, which goes away. */
export function select(x: Tensor, axis: number, i: number): Tensor {
  const at = axis < 0 ? axis + x.ndim : axis;
  const row = slice(x, at, i, i + 1);
  return reshape(row, [...x.shape.slice(0, at), ...x.shape.slice(at + 1)]);
}
export const expandDims = (x: Tensor, axis: number | number[]): Tensor => track(np.expandDims(x.ref, axis));
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor => track(np.broadcastTo(x.ref, [...shape]));
export const flip = (x: Tensor, axis: Axis): Tensor => track(np.flip(x.ref, axis as never));
/** Zeros before and after each axis. */
export const pad = (x: Tensor, widths: readonly (readonly [number, number])[]): Tensor =>
  track(np.pad(x.ref, widths.map(([before, after]) => [before, after]) as never));
/**
 * The same numbers, written down. The engine passes transposed, cut or filled views on without a copy, and a product then
 * looks every number up through them; a factor of two and back (exact) makes it copy first. Put it on such views where a
 * product reads them.
 */
export const settle = (x: Tensor): Tensor => mul(mul(x, 2), 0.5);
/** Elements moved by `shift` along an axis, those that fall off coming back in front. */
export const roll = (x: Tensor, shift: number | number[], axis: Axis): Tensor =>
  track(np.roll(x.ref, shift, axis as never));
export const repeat = (x: Tensor, times: number, axis: number): Tensor => track(np.repeat(x.ref, times, axis));

// ------------------------------------------------------------------------------------------------- products, gathers

/** Matrix product over the last two axes, leading axes broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const rank = Math.max(a.ndim, b.ndim);
  const raised = (x: Tensor) => (x.ndim === rank ? x : reshape(x, [...Array(rank - x.ndim).fill(1), ...x.shape]));
  return track(np.matmul(raised(a).ref, raised(b).ref));
}
export const einsum = (subscripts: string, ...xs: Tensor[]): Tensor =>
  track(np.einsum(subscripts, ...xs.map((x) => x.ref)));
/** 1 at each index, 0 elsewhere: int32 [...] -> [..., n]. */
export const oneHot = (ids: Tensor, n: number, dtype: DType = "float32"): Tensor =>
  cast(equal(expandDims(ids, -1), range(n)), dtype);
/** Rows of each sample by index: x [N, L, D], ids int32 [N, K] -> [N, K, D]. */
export const gather = (x: Tensor, ids: Tensor): Tensor =>
  matmul(oneHot(ids, x.shape[1] as number, x.dtype as DType), x);
/** Inverse of `gather`: rows x [N, K, D] put at ids int32 [N, K] of L rows, zeros elsewhere -> [N, L, D]. */
export const scatter = (x: Tensor, ids: Tensor, L: number): Tensor =>
  matmul(transpose(oneHot(ids, L, x.dtype as DType), [0, 2, 1]), x);
/** Rows of a table by index: table [V, D], ids int32 [...] -> [..., D]. */
export function embed(table: Tensor, ids: Tensor): Tensor {
  const [V, D] = table.shape as [number, number];
  const flat = matmul(oneHot(reshape(ids, [-1]), V, table.dtype as DType), table);
  return reshape(flat, [...ids.shape, D]);
}
