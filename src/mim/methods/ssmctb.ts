/**
 * SSMCTB. Madan et al. 2024, Self-Supervised Masked Convolutional Transformer Block for Anomaly Detection, §3. A block
 * for any convolutional network, here a small autoencoder of images or clips; masking lies in its receptive fields.
 *
 *   1  X = features of the host's encoder                              [N, C, ...]
 *   2  masked convolution: only the corners of a window 2k + 2d + 1    [N, C, ...]
 *      wide are read (4 in images, 8 in clips), then ReLU
 *   3  channel tokens attend to one another, gates scale channels: X̂   [N, C, ...]
 *   4  L_self = Huber_δ(X̂ - X), the block foretells its own input      []
 *   5  loss = L_host + λ L_self, the host going on from X̂              []
 * Differs from the released module: that one returns the mean square instead of the paper's Huber loss (`selfLoss`).
 */
import { type ChannelAttention, channelAttention, channelAttentionSpecs } from "../architecture/channelAttention.ts";
import { convAutoencoderSpecs, decodeMap, encodeMap } from "../architecture/convAutoencoder.ts";
import {
  type MaskedConvolution,
  maskedConvolution,
  maskedConvolutionSpecs,
} from "../architecture/maskedConvolution.ts";
import type { Method } from "../method.ts";
import { type ParamSpecs, type Params, prefixed, under } from "../nn/params.ts";
import { huber } from "../objective/huber.ts";
import { add, mean, mul, relu, square, stopGradient, sub, type Tensor } from "../ops.ts";

export interface SsmctbBlock extends MaskedConvolution, ChannelAttention {
  readonly selfLoss: { readonly huber: number } | "meanSquare";
}

export interface SsmctbConfig extends SsmctbBlock {
  readonly inputChannels: number;
  /** λ, weight of the block's own loss. */
  readonly blockWeight: number;
}

/** The released modules for images and for clips name their attention differently. */
const attentionName = (c: MaskedConvolution): string => (c.rank === 2 ? "transformer" : "transformer_sspcab");

export const ssmctbBlockSpecs = (c: SsmctbBlock): ParamSpecs => ({
  ...channelAttentionSpecs(attentionName(c), c),
  ...maskedConvolutionSpecs(c),
});

/** What the block makes of a feature map, its gates [N, C] and its own loss. */
export interface BlockOutput {
  readonly out: Tensor;
  readonly gates: Tensor;
  readonly loss: Tensor;
}

/** The block, X [N, C, ...]: steps 2 to 4. */
export function ssmctbBlock(c: SsmctbBlock, p: Params, X: Tensor): BlockOutput {
  const Y = relu(maskedConvolution(c, p, X));
  const { x: out, gates } = channelAttention(c, p, attentionName(c), Y);
  const fixed = stopGradient(X);
  const loss = mean(c.selfLoss === "meanSquare" ? square(sub(out, fixed)) : huber(out, fixed, c.selfLoss.huber));
  return { out, gates, loss };
}

export const ssmctb: Method<SsmctbConfig> = {
  id: "ssmctb",
  title: "SSMCTB",
  paper: "madan2024ssmctb",
  source: "Madan et al. 2024, §3",
  recipe: {
    masking: { file: "architecture/maskedConvolution", does: "the centre of every receptive field, corners stay" },
    target: { file: "architecture/convAutoencoder", does: "the block's own input, and the pixels for its host" },
    objective: { file: "objective/huber", does: "Huber loss of the block, added to the host's with weight λ" },
    architecture: {
      file: "architecture/channelAttention",
      does: "masked convolution and attention over channels inside a convolutional autoencoder",
    },
  },
  published: {
    kernelDim: { value: 1, source: "released code, torch_ssmctb.py, default" },
    dilation: { value: 1, source: "released code, torch_ssmctb.py, default" },
    attention: { value: "5 heads of 64, tokens 64 wide", source: "released code, torch_ssmctb.py, default" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/ssmctb.test.ts" },
  toy: {
    modality: "rgb",
    batch: 32,
    steps: 200,
    lr: 2e-3,
    classifies: false,
    config: {
      inputChannels: 3,
      channels: 32,
      rank: 2,
      kernelDim: 1,
      dilation: 1,
      dim: 64,
      heads: 5,
      headDim: 64,
      selfLoss: { huber: 1 },
      blockWeight: 0.1,
    },
  },
  specs: (c) => ({ ...convAutoencoderSpecs(c), ...prefixed("block.", ssmctbBlockSpecs(c)) }),
  prepare: (_, { images }) => ({ images: images! }),
  evaluate: (c, p, { images }) => {
    const X = encodeMap(c, p, images!); //                                    1
    const block = ssmctbBlock(c, under(p, "block."), X); //                   2-4
    const pred = decodeMap(c, p, block.out); //                               5    as the images
    const hostLoss = mean(square(sub(pred, images!)));
    const loss = add(hostLoss, mul(block.loss, c.blockWeight));
    return { loss, outputs: { pred, features: X, predicted: block.out, hostLoss, blockLoss: block.loss } };
  },
  encode: (c, p, { images }) => mean(encodeMap(c, p, images!), c.rank === 2 ? [2, 3] : [2, 3, 4]),
  pictures: (_, { images }, { pred }) => ({ masked: images!, reconstruction: pred as Tensor }),
};
