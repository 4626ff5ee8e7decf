/**
 * U-shaped convolutional network of pictures or volumes: ever coarser feature maps down to the deepest one, and up again, each map of the way
 * up joined with the map of its size on the way down. Ronneberger et al. 2015 (U-Net), Fig. 1; Çiçek et al. 2016 for volumes. Strided
 * convolutions stand in for pooling, and edges are padded so that sizes stay.
 */
import { convolution, convolutionSpecs, transposedConvolution, transposedConvolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { concat, relu, type Tensor } from "../ops.ts";

export interface UNet {
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Channels of the maps from the finest to the deepest, each half as fine as the one before. */
  readonly widths: readonly number[];
  /** 2 for pictures, 3 for volumes. */
  readonly rank: 2 | 3;
}

const axes = (c: UNet, size: number): number[] => new Array(c.rank).fill(size);
const same = { padding: 1 } as const;
const half = { stride: 2, padding: 1 } as const;

export function uNetSpecs(c: UNet): ParamSpecs {
  const [first, ...deeper] = c.widths as [number, ...number[]];
  return {
    ...convolutionSpecs("stem", c.inputChannels, first, axes(c, 3)),
    ...Object.assign(
      {},
      ...deeper.map((width, i) => ({
        ...convolutionSpecs(`down.${i}`, c.widths[i]!, width, axes(c, 4)),
        ...transposedConvolutionSpecs(`up.${i}`, width, c.widths[i]!, axes(c, 4)),
        ...convolutionSpecs(`join.${i}`, 2 * c.widths[i]!, c.widths[i]!, axes(c, 3)),
      })),
    ),
    ...convolutionSpecs("head", first, c.outputChannels, axes(c, 1)),
  };
}

/** Maps of the way down, finest first: x [N, C, H, W] or [N, C, D, H, W], sides divisible by two as often as there are steps. */
export function uNetEncode(c: UNet, p: Params, x: Tensor): Tensor[] {
  const maps = [relu(convolution(p, "stem", x, same))];
  for (let i = 0; i + 1 < c.widths.length; i++) maps.push(relu(convolution(p, `down.${i}`, maps[i]!, half)));
  return maps;
}

/** The way up from the deepest map, each step joined with its map of the way down -> [N, outputChannels, ...sides of x]. */
export function uNetDecode(c: UNet, p: Params, maps: readonly Tensor[]): Tensor {
  let y = maps.at(-1)!;
  for (let i = c.widths.length - 2; i >= 0; i--) {
    const finer = relu(transposedConvolution(p, `up.${i}`, y, half));
    y = relu(convolution(p, `join.${i}`, concat([finer, maps[i]!], 1), same));
  }
  return convolution(p, "head", y);
}
