/**
 * Small decoder of one depth of an encoder, which predicts on a grid finer or coarser than the patches'. LocalMIM (Wang et
 * al. 2023), models_mim.py. All names below `prefix`: embed, mask_token, pos_embed, blocks, norm, and the head `pred`, a
 * row of layers numbered as in the released code.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { convolution, convolutionSpecs, transposedConvolution, transposedConvolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { averagePool } from "../nn/pooling.ts";
import { add, broadcastTo, concat, gather, gelu, reshape, slice, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { type AsymmetricViT, blockOptions, blockShape, patchGrid } from "./asymmetricViT.ts";

/** Cells that the head predicts, down and across, for each patch. */
export type Scale = 4 | 2 | 1 | 0.5;

export function scaledDecoderSpecs(c: AsymmetricViT, prefix: string, scale: Scale, predicted: number): ParamSpecs {
  const { h, w, L } = patchGrid(c);
  const D = c.decoderDim;
  const values = sinCos2d(D, h, w, { cls: true });
  const blocks = Array.from({ length: c.decoderDepth }, (_, i) => `${prefix}.blocks.${i}`);
  return {
    [`${prefix}.mask_token`]: { shape: [1, 1, D], init: { normal: 0.02 } },
    [`${prefix}.pos_embed`]: { shape: [1, L + 1, D], init: { values }, trainable: false },
    ...linearSpecs(`${prefix}.embed`, c.dim, D),
    ...Object.assign({}, ...blocks.map((name) => blockSpecs(name, blockShape(c, D)))),
    ...layerNormSpecs(`${prefix}.norm`, D),
    ...headSpecs(`${prefix}.pred`, D, scale, predicted),
  };
}

function headSpecs(name: string, D: number, scale: Scale, predicted: number): ParamSpecs {
  const half = Math.floor(D / 2);
  const quarter = Math.floor(D / 4);
  if (scale === 4) {
    return {
      ...transposedConvolutionSpecs(`${name}.0`, D, half, [2, 2]),
      ...layerNormSpecs(`${name}.1`, half),
      ...transposedConvolutionSpecs(`${name}.3`, half, quarter, [2, 2]),
      ...convolutionSpecs(`${name}.4`, quarter, predicted, [1, 1]),
    };
  }
  if (scale === 2) {
    return {
      ...transposedConvolutionSpecs(`${name}.0`, D, half, [2, 2]),
      ...convolutionSpecs(`${name}.1`, half, predicted, [1, 1]),
    };
  }
  return convolutionSpecs(`${name}.${scale === 1 ? 0 : 1}`, D, predicted, [1, 1]);
}

/** Latents [N, 1 + K, D] of one depth -> predictions [N, h·scale · w·scale, F] in row order. */
export function scaledDecode(
  c: AsymmetricViT,
  p: Params,
  prefix: string,
  scale: Scale,
  latent: Tensor,
  idsRestore: Tensor,
): Tensor {
  const { h, w, L } = patchGrid(c);
  const N = latent.shape[0]!;
  const embedded = linear(p, `${prefix}.embed`, latent); // [N, 1 + K, D']
  const K = embedded.shape[1]! - 1;
  const masks = broadcastTo(param(p, `${prefix}.mask_token`), [N, L - K, c.decoderDim]);
  const placed = gather(concat([slice(embedded, 1, 1), masks], 1), idsRestore); // [N, L, D']
  let x = add(concat([slice(embedded, 1, 0, 1), placed], 1), param(p, `${prefix}.pos_embed`));
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `${prefix}.blocks.${i}`, x, blockOptions(c, c.decoderHeads));
  }
  const patches = slice(layerNorm(p, `${prefix}.norm`, x, c.eps), 1, 1); // [N, L, D']
  const picture = reshape(transpose(patches, [0, 2, 1]), [N, c.decoderDim, h, w]);
  const y = head(p, `${prefix}.pred`, scale, picture); // [N, F, h·scale, w·scale]
  return transpose(reshape(y, [N, y.shape[1]!, -1]), [0, 2, 1]);
}

function head(p: Params, name: string, scale: Scale, x: Tensor): Tensor {
  const double = { stride: 2 };
  if (scale === 4) {
    const first = transposedConvolution(p, `${name}.0`, x, double);
    const normed = transpose(layerNorm(p, `${name}.1`, transpose(first, [0, 2, 3, 1]), 1e-6), [0, 3, 1, 2]);
    return convolution(p, `${name}.4`, transposedConvolution(p, `${name}.3`, gelu(normed), double));
  }
  if (scale === 2) return convolution(p, `${name}.1`, transposedConvolution(p, `${name}.0`, x, double));
  return scale === 1 ? convolution(p, `${name}.0`, x) : convolution(p, `${name}.1`, averagePool(x, [2, 2]));
}
