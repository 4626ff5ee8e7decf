/** A small convolutional autoencoder: host of the blocks that are put into other networks (SSPCAB, SSMCTB). */
import { convolution, convolutionSpecs, transposedConvolution, transposedConvolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { relu, type Tensor } from "../ops.ts";

export interface ConvAutoencoder {
  /** Channels of the input. */
  readonly inputChannels: number;
  /** Channels of the last feature map; the first one has half of them. */
  readonly channels: number;
  /** 2 for images, 3 for clips; time is never made coarser. */
  readonly rank: 2 | 3;
}

const shape = <T>(c: ConvAutoencoder, time: T, plane: T): T[] => (c.rank === 2 ? [plane, plane] : [time, plane, plane]);
const strides = (c: ConvAutoencoder) => ({ stride: shape(c, 1, 2), padding: shape(c, 1, 1) });

export const convAutoencoderSpecs = (c: ConvAutoencoder): ParamSpecs => ({
  ...convolutionSpecs("encoder.0", c.inputChannels, c.channels / 2, shape(c, 3, 3)),
  ...convolutionSpecs("encoder.1", c.channels / 2, c.channels, shape(c, 3, 3)),
  ...transposedConvolutionSpecs("decoder.0", c.channels, c.channels / 2, shape(c, 3, 4)),
  ...transposedConvolutionSpecs("decoder.1", c.channels / 2, c.inputChannels, shape(c, 3, 4)),
});

/** Two strided convolutions: [N, C, H, W] -> [N, channels, H / 4, W / 4]. */
export const encodeMap = (c: ConvAutoencoder, p: Params, x: Tensor): Tensor =>
  relu(convolution(p, "encoder.1", relu(convolution(p, "encoder.0", x, strides(c))), strides(c)));

/** Two transposed convolutions back to the size of the input. */
export const decodeMap = (c: ConvAutoencoder, p: Params, features: Tensor): Tensor =>
  transposedConvolution(p, "decoder.1", relu(transposedConvolution(p, "decoder.0", features, strides(c))), strides(c));
