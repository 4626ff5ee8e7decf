/**
 * ConvNeXt, dense or sparse: with a map of active cells every convolution and normalisation leaves the hidden ones at
 * zero, so that the mask neither wears away with depth nor leaks through statistics (submanifold convolution). Liu et al.
 * 2022, §2; sparse as in Tian et al. 2023, §3.1, and Woo et al. 2023, §3.1, who add global response normalisation.
 */
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { globalResponseNorm, globalResponseNormSpecs } from "../nn/globalResponseNorm.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { add, gelu, mul, repeat, type Tensor, transpose } from "../ops.ts";

export interface ConvNext {
  readonly channels: number;
  /** Side and stride of the first convolution; 4 in the papers. */
  readonly stem: number;
  /** Blocks and channels of each stage; every stage but the first halves height and width. */
  readonly depths: readonly number[];
  readonly dims: readonly number[];
  /** Side of the depthwise kernels; 7 in the papers. */
  readonly kernel: number;
  /** Start of the layer scale; none without it. */
  readonly layerScale?: number;
  /** Whether blocks hold global response normalisation (ConvNeXt V2). */
  readonly responseNorm?: boolean;
  /** Of every layer normalisation. */
  readonly eps: number;
}

/** Pixels along a side of one cell of the last stage. */
export const totalStride = (c: Pick<ConvNext, "stem" | "dims">): number => c.stem * 2 ** (c.dims.length - 1);

export function convNextSpecs(c: ConvNext): ParamSpecs {
  const specs: Record<string, ParamSpecs[string]> = {};
  c.dims.forEach((D, i) => {
    const before = c.dims[i - 1];
    if (before === undefined) {
      Object.assign(specs, convolutionSpecs("downsample_layers.0.0", c.channels, D, [c.stem, c.stem]));
      Object.assign(specs, layerNormSpecs("downsample_layers.0.1", D));
    } else {
      Object.assign(specs, layerNormSpecs(`downsample_layers.${i}.0`, before));
      Object.assign(specs, convolutionSpecs(`downsample_layers.${i}.1`, before, D, [2, 2]));
    }
    for (let j = 0; j < c.depths[i]!; j++) Object.assign(specs, convNextBlockSpecs(c, `stages.${i}.${j}`, D));
  });
  return specs;
}

/** The part of a stage that its blocks need. */
export type BlockShape = Pick<ConvNext, "kernel" | "layerScale" | "responseNorm" | "eps">;

export const convNextBlockSpecs = (c: BlockShape, name: string, D: number): ParamSpecs => ({
  ...(c.layerScale !== undefined && { [`${name}.gamma`]: { shape: [D], init: { constant: c.layerScale } } }),
  ...convolutionSpecs(`${name}.dwconv`, 1, D, [c.kernel, c.kernel]),
  ...layerNormSpecs(`${name}.norm`, D),
  ...linearSpecs(`${name}.pwconv1`, D, 4 * D),
  ...(c.responseNorm && globalResponseNormSpecs(`${name}.grn`, 4 * D)),
  ...linearSpecs(`${name}.pwconv2`, 4 * D, D),
});

/** Images [N, C, H, W] -> the feature map of every stage, largest first; `active` [N, 1, f, f] is 1 where cells are seen. */
export function convNext(c: ConvNext, p: Params, images: Tensor, active?: Tensor): Tensor[] {
  const maps: Tensor[] = [];
  let x = images;
  c.dims.forEach((_, i) => {
    if (i === 0) {
      x = onlyActive(convolution(p, "downsample_layers.0.0", x, { stride: c.stem }), active);
      x = channelNorm(p, "downsample_layers.0.1", x, c.eps, active);
    } else {
      x = channelNorm(p, `downsample_layers.${i}.0`, x, c.eps, active);
      x = onlyActive(convolution(p, `downsample_layers.${i}.1`, x, { stride: 2 }), active);
    }
    for (let j = 0; j < c.depths[i]!; j++) x = convNextBlock(c, p, `stages.${i}.${j}`, x, active);
    maps.push(x);
  });
  return maps;
}

/** Depthwise convolution, normalisation, two pointwise layers, added to x [N, D, H, W]. */
export function convNextBlock(c: BlockShape, p: Params, name: string, x: Tensor, active?: Tensor): Tensor {
  const D = x.shape[1]!;
  const around = convolution(p, `${name}.dwconv`, x, { padding: Math.floor(c.kernel / 2), groups: D });
  const tokens = transpose(onlyActive(around, active), [0, 2, 3, 1]); // [N, H, W, D]
  let hidden = gelu(linear(p, `${name}.pwconv1`, layerNorm(p, `${name}.norm`, tokens, c.eps))); // [N, H, W, 4D]
  if (c.responseNorm) {
    const seen = active && transpose(enlarged(active, x.shape[2]!), [0, 2, 3, 1]);
    hidden = globalResponseNorm(p, `${name}.grn`, hidden, seen);
  }
  const fed = linear(p, `${name}.pwconv2`, hidden);
  const scale = p[`${name}.gamma`];
  return add(x, onlyActive(transpose(scale ? mul(fed, scale) : fed, [0, 3, 1, 2]), active));
}

/** Layer normalisation over the channels of each position; hidden positions come out 0. */
export function channelNorm(p: Params, name: string, x: Tensor, eps: number, active?: Tensor): Tensor {
  return onlyActive(transpose(layerNorm(p, name, transpose(x, [0, 2, 3, 1]), eps), [0, 3, 1, 2]), active);
}

/** The map [N, 1, f, f] at a height of H cells. */
export function enlarged(active: Tensor, H: number): Tensor {
  const times = H / active.shape[2]!;
  return times === 1 ? active : repeat(repeat(active, times, 2), times, 3);
}

const onlyActive = (x: Tensor, active: Tensor | undefined): Tensor =>
  active ? mul(x, enlarged(active, x.shape[2]!)) : x;
