/**
 * SSPCAB. Ristea et al. 2022, Self-Supervised Predictive Convolutional Attentive Block for Anomaly Detection, §3. The
 * block goes into any convolutional network, here a small autoencoder; masking lies in the block's receptive fields.
 *
 *   1  X = features of the host's encoder                              [N, C, H, W]
 *   2  masked convolution: of a window 2k + 2d + 1 wide only the four  [N, C, H, W]
 *      k x k corners are read, then ReLU
 *   3  squeeze and excitation scales the channels: X̂                   [N, C, H, W]
 *   4  L_SSPCAB = mean (X̂ - X)², the block foretells its own input     []
 *   5  loss = L_host + λ L_SSPCAB, the host going on from X̂            []
 * The target X of step 4 is held fixed, as in the recorded run: the host's features are not drawn towards what is easy to
 * foretell. Nothing is hidden in the picture itself, so the pictures show the input and the host's reconstruction.
 */
import { type ConvAutoencoder, convAutoencoderSpecs, decodeMap, encodeMap } from "../architecture/convAutoencoder.ts";
import { maskedConvolution, maskedConvolutionSpecs } from "../architecture/maskedConvolution.ts";
import { squeezeExcitation, squeezeExcitationSpecs } from "../architecture/squeezeExcitation.ts";
import type { Method } from "../method.ts";
import { type ParamSpecs, type Params, prefixed, under } from "../nn/params.ts";
import { add, mean, mul, relu, square, stopGradient, sub, type Tensor } from "../ops.ts";

export interface SspcabBlock {
  readonly channels: number;
  /** k */
  readonly kernelDim: number;
  /** d */
  readonly dilation: number;
  /** Channels over the width of the excitation's bottleneck. */
  readonly reduction: number;
}

export interface SspcabConfig extends SspcabBlock {
  readonly inputChannels: number;
  /** λ, weight of the block's own loss. */
  readonly blockWeight: number;
}

export const sspcabBlockSpecs = (c: SspcabBlock): ParamSpecs => ({
  ...squeezeExcitationSpecs("se", c.channels, c.reduction),
  ...maskedConvolutionSpecs({ ...c, rank: 2 }),
});

/** The block with its own loss, X [N, C, H, W]: steps 2 to 4. */
export function sspcabBlock(c: SspcabBlock, p: Params, X: Tensor): { readonly out: Tensor; readonly loss: Tensor } {
  const out = squeezeExcitation(p, "se", relu(maskedConvolution({ ...c, rank: 2 }, p, X)));
  return { out, loss: mean(square(sub(stopGradient(X), out))) };
}

const host = (c: SspcabConfig): ConvAutoencoder => ({ ...c, rank: 2 });

export const sspcab: Method<SspcabConfig> = {
  id: "sspcab",
  title: "SSPCAB",
  paper: "ristea2022sspcab",
  source: "Ristea et al. 2022, §3",
  recipe: {
    masking: { file: "architecture/maskedConvolution", does: "the centre of every receptive field, corners stay" },
    target: { file: "architecture/convAutoencoder", does: "the block's own input, and the pixels for its host" },
    objective: { file: "objective/l2", does: "mean square of the block, added to the host's with weight λ" },
    architecture: {
      file: "architecture/squeezeExcitation",
      does: "masked convolution and channel gates inside a convolutional autoencoder",
    },
  },
  published: {
    kernelDim: { value: 1, source: "released code, sspcab_torch.py, default" },
    dilation: { value: 1, source: "released code, sspcab_torch.py, default" },
    reduction: { value: 8, source: "released code, sspcab_torch.py, default" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/sspcab.json.gz" },
  toy: {
    modality: "rgb",
    batch: 32,
    steps: 200,
    lr: 2e-3,
    classifies: false,
    config: { inputChannels: 3, channels: 32, kernelDim: 1, dilation: 1, reduction: 8, blockWeight: 0.1 },
  },
  specs: (c) => ({ ...convAutoencoderSpecs(host(c)), ...prefixed("block.", sspcabBlockSpecs(c)) }),
  prepare: (_, { images }) => ({ images: images! }),
  evaluate: (c, p, { images }) => {
    const X = encodeMap(host(c), p, images!); //                              1
    const block = sspcabBlock(c, under(p, "block."), X); //                   2-4
    const pred = decodeMap(host(c), p, block.out); //                         5    [N, 3, H, W]
    const hostLoss = mean(square(sub(pred, images!)));
    const loss = add(hostLoss, mul(block.loss, c.blockWeight));
    return { loss, outputs: { pred, features: X, predicted: block.out, hostLoss, blockLoss: block.loss } };
  },
  encode: (c, p, { images }) => mean(encodeMap(host(c), p, images!), [2, 3]),
  pictures: (_, { images }, { pred }) => ({ masked: images!, reconstruction: pred as Tensor }),
};
