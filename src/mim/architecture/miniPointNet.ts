import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { broadcastTo, concat, max, relu, reshape, type Tensor, transpose } from "../ops.ts";

export interface MiniPointNet {
  /** Widths of the layers that see single points; the next two see a point and its patch, twice as wide. */
  readonly widths: readonly [number, number];
  /** Width of a token. */
  readonly dim: number;
}

export const miniPointNetSpecs = (name: string, { widths: [a, b], dim }: MiniPointNet): ParamSpecs => ({
  ...convolutionSpecs(`${name}.first_conv.0`, 3, a, [1]),
  ...batchNormSpecs(`${name}.first_conv.1`, a),
  ...convolutionSpecs(`${name}.first_conv.3`, a, b, [1]),
  ...convolutionSpecs(`${name}.second_conv.0`, 2 * b, 2 * b, [1]),
  ...batchNormSpecs(`${name}.second_conv.1`, 2 * b),
  ...convolutionSpecs(`${name}.second_conv.3`, 2 * b, dim, [1]),
});

/**
 * One token for each point patch, whatever the order of its points: [N, G, k, 3] -> [N, G, dim]. Layers shared by all
 * points, the largest value over the patch put beside each point, more shared layers, the largest value again. Pang et
 * al. 2022, §3.1 "Embedding", after Qi et al. 2017 (PointNet).
 */
export function miniPointNet(p: Params, name: string, patches: Tensor): Tensor {
  const [N, G, k] = patches.shape as [number, number, number, number];
  const points = transpose(reshape(patches, [N * G, k, 3]), [0, 2, 1]); // [NG, 3, k]
  const single = layers(p, `${name}.first_conv`, points); // [NG, b, k]
  const whole = broadcastTo(max(single, 2, { keepdims: true }), single.shape);
  const tokens = max(layers(p, `${name}.second_conv`, concat([whole, single], 1)), 2); // [NG, dim]
  return reshape(tokens, [N, G, -1]);
}

/** Two shared layers with batch normalisation and ReLU between. */
const layers = (p: Params, name: string, x: Tensor): Tensor =>
  convolution(p, `${name}.3`, relu(batchNorm(p, `${name}.1`, convolution(p, `${name}.0`, x))));
