import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { convolution, convolutionSpecs, transposedConvolution, transposedConvolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { add, clip, type Tensor } from "../ops.ts";

export interface LightDecoder {
  /** Channels at the coarsest scale; each doubling of height and width halves them. */
  readonly width: number;
  /** Doublings from the coarsest scale to pixels. */
  readonly doublings: number;
  readonly channels: number;
}

/** Channels at each scale, coarsest first. */
export const decoderWidths = (c: LightDecoder): number[] =>
  Array.from({ length: c.doublings + 1 }, (_, i) => Math.floor(c.width / 2 ** i));

export function lightDecoderSpecs(c: LightDecoder): ParamSpecs {
  const widths = decoderWidths(c);
  const scales = Array.from({ length: c.doublings }, (_, i) => {
    const [wide, narrow] = [widths[i]!, widths[i + 1]!];
    return {
      ...transposedConvolutionSpecs(`dec.${i}.up_sample`, wide, wide, [4, 4]),
      ...convolutionSpecs(`dec.${i}.conv.0`, wide, wide, [3, 3], { bias: false }),
      ...batchNormSpecs(`dec.${i}.conv.1`, wide),
      ...convolutionSpecs(`dec.${i}.conv.3`, wide, narrow, [3, 3], { bias: false }),
      ...batchNormSpecs(`dec.${i}.conv.4`, narrow),
    };
  });
  return Object.assign({}, ...scales, convolutionSpecs("proj", widths[c.doublings]!, c.channels, [1, 1]));
}

/**
 * U-shaped decoder: at each scale the encoder's map is added, height and width are doubled by a transposed convolution,
 * and two convolutions with batch normalisation follow. Tian et al. 2023, §3.3. Maps coarsest first -> [N, C, H, W].
 */
export function lightDecoder(c: LightDecoder, p: Params, maps: readonly Tensor[]): Tensor {
  let x = maps[0]!;
  for (let i = 0; i < c.doublings; i++) {
    if (i > 0 && maps[i]) x = add(x, maps[i]!);
    x = transposedConvolution(p, `dec.${i}.up_sample`, x, { stride: 2, padding: 1 });
    x = clip(batchNorm(p, `dec.${i}.conv.1`, convolution(p, `dec.${i}.conv.0`, x, { padding: 1 })), 0, 6);
    x = batchNorm(p, `dec.${i}.conv.4`, convolution(p, `dec.${i}.conv.3`, x, { padding: 1 }));
  }
  return convolution(p, "proj", x);
}
