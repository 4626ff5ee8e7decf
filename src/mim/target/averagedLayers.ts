import { standardize } from "../nn/layerNorm.ts";
import { div, sumOf, type Tensor, transpose } from "../ops.ts";

export interface AveragedLayers {
  /** Each layer's tokens to mean 0 and variance 1 over time (all tokens of an image), channel by channel, first. */
  readonly instanceNorm?: boolean;
  /** Each layer's tokens to mean 0 and variance 1, token by token. */
  readonly layerNorm?: boolean;
  /** The same of the average. */
  readonly instanceNormAfter?: boolean;
  readonly layerNormAfter?: boolean;
}

/**
 * Contextual targets: the average of several layers of a teacher, [N, L, D] each -> [N, L, D]. data2vec, Baevski et al.
 * 2022, §3.3; the orders of normalisation of its released vision code.
 */
export function averagedLayers(layers: readonly Tensor[], how: AveragedLayers): Tensor {
  const normed = layers.map((layer) => {
    const x = how.instanceNorm ? overTokens(layer) : layer;
    return how.layerNorm ? standardize(x, EPS) : x;
  });
  const average = div(sumOf(...normed), layers.length);
  const y = how.instanceNormAfter ? overTokens(average) : average;
  return how.layerNormAfter ? standardize(y, EPS) : y;
}

/** PyTorch's default for normalisations without parameters. */
const EPS = 1e-5;

const overTokens = (x: Tensor): Tensor => transpose(standardize(transpose(x, [0, 2, 1]), EPS), [0, 2, 1]);
