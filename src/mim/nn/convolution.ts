import { add, matmul, mul, pad, reshape, select, settle, slice, sumOf, type Tensor, transpose } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

/** A number for all spatial axes, or one for each. */
type PerAxis = number | readonly number[];

export interface WindowOptions {
  /** 1 unless given. */
  readonly stride?: PerAxis;
  /** Zeros before and after each spatial axis; 0 unless given. */
  readonly padding?: PerAxis;
  /** Distance between the taps; 1 unless given. */
  readonly dilation?: PerAxis;
}

export interface ConvolutionOptions extends WindowOptions {
  /** Channel groups that do not see one another; as many as there are channels makes a depthwise convolution. */
  readonly groups?: number;
}

/**
 * Convolution over any number of spatial axes, x [N, C, ...] -> [N, out, ...], as a sum over the kernel's taps of shifted
 * products. Weight [out, C / groups, ...kernel] as PyTorch stores it; the kernel is not flipped.
 */
export function convolve(x: Tensor, W: Tensor, options: ConvolutionOptions = {}): Tensor {
  const kernel = W.shape.slice(2);
  const rank = kernel.length;
  const [N, C] = x.shape as [number, number];
  const [out, inner] = W.shape as [number, number];
  const groups = options.groups ?? 1;
  if (x.ndim !== rank + 2 || C !== inner * groups || out % groups !== 0) {
    throw new RangeError(
      `convolve: expected x [N, ${inner * groups}, ${rank} axes] for weight [${W.shape}] in ${groups} groups, found [${x.shape}]`,
    );
  }
  const { stride, padding, dilation, size } = geometry(x, kernel, options);
  if (groups === 1 && kernel.every((k, a) => k === stride[a] && padding[a] === 0 && dilation[a] === 1)) {
    return convolveDisjoint(x, W, size);
  }
  const flat = reshape(W, [out, inner, -1]);
  const terms = windowTaps(x, kernel, options).map((shifted, t) => {
    const weight = select(flat, 2, t); // [out, C / groups]
    if (inner === 1 && out === groups) return mul(shifted, reshape(weight, [C, ...size.map(() => 1)]));
    return product(weight, reshape(shifted, [N, groups, inner, -1]), groups);
  });
  return reshape(sumOf(...terms), [N, out, ...size]);
}

/** Stride equal to the kernel: patches do not overlap and one matrix product does it. */
function convolveDisjoint(x: Tensor, W: Tensor, size: readonly number[]): Tensor {
  const [out, C, ...kernel] = W.shape as [number, number, ...number[]];
  const N = x.shape[0]!;
  let cut = x;
  size.forEach((s, a) => {
    if (x.shape[a + 2] !== s * kernel[a]!) cut = slice(cut, a + 2, 0, s * kernel[a]!);
  });
  const rank = size.length;
  const grid = reshape(cut, [N, C, ...size.flatMap((s, a) => [s, kernel[a]!])]);
  const outer = size.map((_, a) => 2 + 2 * a);
  const patches = transpose(grid, [0, ...outer, 1, ...outer.map((a) => a + 1)]); // [N, ...size, C, ...kernel]
  const F = kernel.reduce((a, b) => a * b, C);
  const y = matmul(settle(reshape(patches, [-1, F])), transpose(reshape(W, [out, F])));
  return transpose(reshape(y, [N, ...size, out]), [0, rank + 1, ...size.map((_, a) => a + 1)]);
}

/** weight [out, inner] in groups times x [N, groups, inner, P] -> [N, out, P]. */
function product(weight: Tensor, x: Tensor, groups: number): Tensor {
  const [N, , inner, P] = x.shape as [number, number, number, number];
  const out = weight.shape[0]!;
  if (groups === 1) return matmul(weight, reshape(x, [N, inner, P]));
  return reshape(matmul(reshape(weight, [1, groups, out / groups, inner]), x), [N, out, P]);
}

/** Stride, padding and dilation of each axis, and the size of the result. */
function geometry(x: Tensor, kernel: readonly number[], options: WindowOptions) {
  const rank = kernel.length;
  const stride = eachAxis(options.stride ?? 1, rank);
  const padding = eachAxis(options.padding ?? 0, rank);
  const dilation = eachAxis(options.dilation ?? 1, rank);
  const size = kernel.map((k, a) => outSize(x.shape[a + 2]!, k, stride[a]!, padding[a]!, dilation[a]!));
  if (size.some((s) => s < 1)) {
    throw new RangeError(`window: expected x no smaller than the kernel [${kernel}], found [${x.shape}]`);
  }
  return { stride, padding, dilation, size };
}

/**
 * What each tap of a window sees of x [N, C, ...], taps in row order: each [N, C, ...size]. A strided axis [S] is taken
 * apart into [S / stride, stride], so that every view is a slice.
 */
export function windowTaps(x: Tensor, kernel: readonly number[], options: WindowOptions): Tensor[] {
  const { stride, padding, dilation, size } = geometry(x, kernel, options);
  const widths = kernel.map((k, a) => {
    const reach = Math.max(padding[a]! + x.shape[a + 2]!, (k - 1) * dilation[a]! + size[a]! * stride[a]!);
    const total = Math.ceil((reach + padding[a]!) / stride[a]!) * stride[a]!;
    return [padding[a]!, total - padding[a]! - x.shape[a + 2]!] as const;
  });
  const padded = widths.some(([b, e]) => b > 0 || e > 0) ? pad(x, [[0, 0], [0, 0], ...widths]) : x;
  return taps(kernel).map((tap) => {
    let seen = padded;
    tap.forEach((k, a) => {
      const axis = a + 2;
      const from = k * dilation[a]!;
      const s = stride[a]!;
      if (s === 1) {
        seen = slice(seen, axis, from, from + size[a]!);
        return;
      }
      const [before, after] = [seen.shape.slice(0, axis), seen.shape.slice(axis + 1)];
      const apart = reshape(seen, [...before, seen.shape[axis]! / s, s, ...after]);
      const start = Math.floor(from / s);
      seen = slice(select(apart, axis + 1, from % s), axis, start, start + size[a]!);
    });
    return seen;
  });
}

export interface TransposedOptions extends ConvolutionOptions {
  /** Rows added at the end of each spatial axis; 0 unless given. */
  readonly outputPadding?: PerAxis;
}

/**
 * Transposed convolution, x [N, C, ...] -> [N, out, ...]: each input spreads over the output through the kernel. Weight
 * [C, out / groups, ...kernel] as PyTorch stores it.
 */
export function convolveTransposed(x: Tensor, W: Tensor, options: TransposedOptions = {}): Tensor {
  const kernel = W.shape.slice(2);
  const rank = kernel.length;
  const [N, C, ...spatial] = x.shape as [number, number, ...number[]];
  const groups = options.groups ?? 1;
  const out = W.shape[1]! * groups;
  if (x.ndim !== rank + 2 || C !== W.shape[0]) {
    throw new RangeError(`convolveTransposed: expected x [N, ${W.shape[0]}, ${rank} axes], found [${x.shape}]`);
  }
  const stride = eachAxis(options.stride ?? 1, rank);
  const padding = eachAxis(options.padding ?? 0, rank);
  const dilation = eachAxis(options.dilation ?? 1, rank);
  const extra = eachAxis(options.outputPadding ?? 0, rank);
  const full = kernel.map((k, a) => (spatial[a]! - 1) * stride[a]! + (k - 1) * dilation[a]! + 1 + extra[a]!);
  const input = reshape(x, [N, groups, C / groups, -1]);
  const weights = reshape(W, [groups, C / groups, out / groups, -1]);
  const terms = taps(kernel).map((tap, t) => {
    const weight = reshape(transpose(select(weights, 3, t), [0, 2, 1]), [out, C / groups]);
    const y = reshape(product(weight, input, groups), [N, out, ...spatial]);
    return tap.reduce((z, k, a) => spread(z, a + 2, stride[a]!, k * dilation[a]!, full[a]!), y);
  });
  return padding.reduce((y, p, a) => (p === 0 ? y : slice(y, a + 2, p, full[a]! - p)), sumOf(...terms));
}

/** Entries of an axis placed at offset, offset + stride … of a longer one, zeros between. */
function spread(x: Tensor, axis: number, stride: number, offset: number, length: number): Tensor {
  const S = x.shape[axis]!;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const apart =
    stride === 1
      ? x
      : slice(
          reshape(
            pad(reshape(x, [...before, S, 1, ...after]), [...axes(before), [0, 0], [0, stride - 1], ...axes(after)]),
            [...before, S * stride, ...after],
          ),
          axis,
          0,
          (S - 1) * stride + 1,
        );
  const end = length - offset - apart.shape[axis]!;
  return offset === 0 && end === 0 ? apart : pad(apart, [...axes(before), [offset, end], ...axes(after)]);
}

const axes = (shape: readonly number[]): [number, number][] => shape.map(() => [0, 0]);
const eachAxis = (v: PerAxis, rank: number): number[] =>
  typeof v === "number" ? new Array<number>(rank).fill(v) : [...v];
const outSize = (S: number, k: number, stride: number, padding: number, dilation: number): number =>
  Math.floor((S + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;

/** All positions inside a kernel, last axis fastest. */
const taps = (kernel: readonly number[]): number[][] =>
  kernel.reduce<number[][]>((made, k) => made.flatMap((t) => Array.from({ length: k }, (_, i) => [...t, i])), [[]]);

/** Convolution with `name.weight` and, where there is one, `name.bias` [out]. */
export const convolution = (p: Params, name: string, x: Tensor, options?: ConvolutionOptions): Tensor =>
  withBias(p, name, convolve(x, param(p, `${name}.weight`), options));

/** Transposed convolution with `name.weight` and, where there is one, `name.bias` [out]. */
export const transposedConvolution = (p: Params, name: string, x: Tensor, options?: TransposedOptions): Tensor =>
  withBias(p, name, convolveTransposed(x, param(p, `${name}.weight`), options));

function withBias(p: Params, name: string, y: Tensor): Tensor {
  const bias = p[`${name}.bias`];
  return bias ? add(y, reshape(bias, [-1, ...y.shape.slice(2).map(() => 1)])) : y;
}

/** `inner` is the number of input channels over the groups. */
export const convolutionSpecs = (
  name: string,
  inner: number,
  out: number,
  kernel: readonly number[],
  options: { readonly bias?: boolean } = {},
): ParamSpecs => ({
  [`${name}.weight`]: { shape: [out, inner, ...kernel], init: "fanIn" },
  ...(options.bias !== false && { [`${name}.bias`]: { shape: [out], init: { constant: 0 } } }),
});

export const transposedConvolutionSpecs = (
  name: string,
  inner: number,
  out: number,
  kernel: readonly number[],
): ParamSpecs => ({
  [`${name}.weight`]: { shape: [inner, out, ...kernel], init: "fanIn" },
  [`${name}.bias`]: { shape: [out], init: { constant: 0 } },
});
