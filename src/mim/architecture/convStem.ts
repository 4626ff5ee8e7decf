import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { groupNorm } from "../nn/groupNorm.ts";
import { layerNormSpecs } from "../nn/layerNorm.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { gelu, type Tensor } from "../ops.ts";

export interface ConvStem {
  readonly channels: number;
  /** Width of the last layer; each layer before has half as many channels as the next. */
  readonly dim: number;
  /** Layers, each of stride 2. */
  readonly layers: number;
}

const NORM_EPS = 1e-6;

/**
 * Convolutions of stride 2 in place of one patch embedding: images [N, C, H, W] -> the maps from stride 4 on, finest first, the
 * last [N, D, h, w]. Xiao et al. 2021, Early Convolutions Help Transformers See Better; with group normalisation and GELU as in
 * MIMDet, Fang et al. 2023, models/mimdet.py. Parameters `name.proj.i.0`, `.1` and, of the last layer, `.3`.
 */
export function convStem({ layers }: ConvStem, p: Params, name: string, images: Tensor): Tensor[] {
  const maps: Tensor[] = [];
  let x = images;
  for (let i = 0; i < layers; i++) {
    const layer = `${name}.proj.${i}`;
    x = gelu(groupNorm(p, `${layer}.1`, convolution(p, `${layer}.0`, x, { stride: 2, padding: 1 }), NORM_EPS));
    if (i === layers - 1) x = convolution(p, `${layer}.3`, x);
    if (i >= 1) maps.push(x);
  }
  return maps;
}

/** Channels of each layer. */
export const stemWidths = ({ dim, layers }: ConvStem): number[] =>
  Array.from({ length: layers }, (_, i) => dim / 2 ** (layers - 1 - i));

export function convStemSpecs(c: ConvStem, name: string): ParamSpecs {
  const widths = stemWidths(c);
  return {
    ...Object.assign(
      {},
      ...widths.map((out, i) => ({
        ...convolutionSpecs(`${name}.proj.${i}.0`, widths[i - 1] ?? c.channels, out, [3, 3], { bias: false }),
        ...layerNormSpecs(`${name}.proj.${i}.1`, out),
      })),
    ),
    ...convolutionSpecs(`${name}.proj.${c.layers - 1}.3`, c.dim, c.dim, [1, 1]),
  };
}
