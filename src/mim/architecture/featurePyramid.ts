import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { add, repeat, type Tensor } from "../ops.ts";

/**
 * Feature pyramid: maps [N, C_i, h_i, w_i], each half the size of the one before, -> maps of equal width, finest first. Every level
 * gets what the coarser ones know, enlarged by repetition. Lin et al. 2017, §3; names and strides of detectron2's FPN, level k of
 * stride 2^k, without normalisation.
 */
export function featurePyramid(p: Params, name: string, maps: readonly Tensor[], finest = 2): Tensor[] {
  const outputs: Tensor[] = [];
  let above: Tensor | undefined;
  for (let i = maps.length - 1; i >= 0; i--) {
    const own = convolution(p, `${name}fpn_lateral${finest + i}`, maps[i]!);
    above = above ? add(own, repeat(repeat(above, 2, 2), 2, 3)) : own;
    outputs.unshift(convolution(p, `${name}fpn_output${finest + i}`, above, { padding: 1 }));
  }
  return outputs;
}

export const featurePyramidSpecs = (name: string, widths: readonly number[], dim: number, finest = 2): ParamSpecs =>
  Object.assign(
    {},
    ...widths.map((width, i) => ({
      ...convolutionSpecs(`${name}fpn_lateral${finest + i}`, width, dim, [1, 1]),
      ...convolutionSpecs(`${name}fpn_output${finest + i}`, dim, dim, [3, 3]),
    })),
  );
