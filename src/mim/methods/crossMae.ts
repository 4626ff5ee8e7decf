/**
 * CrossMAE. Fu et al. 2024, Rethinking Patch Dependence for Masked Autoencoders (TonyLianLong/CrossMAE).
 *
 *   1  I_v, I_m = mask(P), random, 75 % hidden                        [N, K], [N, L - K]
 *   2  I_p, the part of I_m that is predicted (50 % of all patches)    [N, M]
 *   3  Z_0 … Z_B = the encoder's input and the output of each block   [N, 1 + K, D] each
 *   4  H = mask token + decoder positions at I_p                       [N, M, D']
 *   5  block j:  Y = norm_j(Σ_b w_jb Z_b),  H = H + cross-attention(H, Y),  H = H + MLP(H)
 *   6  loss = mean square over I_p against P[I_p]                      []
 *
 * Mask tokens never look at one another: a prediction does not change when another patch of I_p is left out.
 */
import { encode, encodeLayers, encoderSpecs, patchGrid } from "../architecture/asymmetricViT.ts";
import { type CrossDecoder, crossDecode, crossDecoderSpecs, mixedBlocks } from "../architecture/crossDecoder.ts";
import { predictedSubset } from "../masking/predictedSubset.ts";
import { randomMasking } from "../masking/random.ts";
import type { Inputs, Method } from "../method.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import type { Params } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { gather, mean, scatter, slice, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface CrossMaeConfig extends MaeConfig, CrossDecoder {
  /** Share of all patches that is predicted, at most `maskRatio`. */
  readonly predictedRatio: number;
}

export const crossMae: Method<CrossMaeConfig> = {
  ...mae,
  id: "crossmae",
  title: "CrossMAE",
  paper: null,
  source: "Fu et al. 2024; TonyLianLong/CrossMAE, models_cross.py",
  algorithm: null,
  recipe: {
    ...mae.recipe,
    masking: { file: "masking/predictedSubset", does: "75 % hidden at random, two thirds of them predicted" },
    architecture: { file: "architecture/crossDecoder", does: "visible-only encoder, cross-attention decoder" },
  },
  published: {
    maskRatio: { value: 0.75, source: "TonyLianLong/CrossMAE, models_cross.py" },
    predictedRatio: { value: 0.5, source: "TonyLianLong/CrossMAE, models_cross.py" },
    decoder: { value: "8 blocks, 512 wide", source: "TonyLianLong/CrossMAE, models_cross.py" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/crossmae.json.gz" },
  toy: {
    ...mae.toy,
    config: {
      ...mae.toy.config,
      decoderDepth: 2,
      predictedRatio: 0.5,
      mixedFeatures: true,
      featureMaps: [-1],
      mixedInput: true,
      selfAttention: false,
    },
  },
  specs: (c) => ({ ...withoutNorm(c), ...crossDecoderSpecs(c) }),
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const split = randomMasking(draws, N, L, c.maskRatio); //                                        1
    const K = split.idsKeep.length / N;
    const first = K + Math.floor(L * (c.maskRatio - c.predictedRatio));
    const { idsPredict, predicted } = predictedSubset(split, N, L, first); //                        2
    return {
      images: images!,
      idsKeep: { shape: [N, K], data: split.idsKeep },
      idsRestore: { shape: [N, L], data: split.idsRestore },
      idsPredict: { shape: [N, L - first], data: idsPredict },
      hidden: { shape: [N, L], data: split.mask },
      mask: { shape: [N, L], data: predicted },
    };
  },
  evaluate: (c, p, { images, idsKeep, idsPredict }) => {
    const features = featuresOf(c, p, { images: images!, idsKeep: idsKeep! }); //   3    [N, 1 + K, D] each
    const pred = crossDecode(c, p, features, idsPredict!); //                       4-5  [N, M, p²C]
    const P = gather(patchify(images!, c.patchSize), idsPredict!); //                    [N, M, p²C]
    const target = c.normalizedTarget ? normalizedPixels(P) : P;
    const loss = mean(l2(pred, target)); //                                         6    []
    return { loss, outputs: { pred, target, features } };
  },
  encode: (c, p, { images }) => {
    const last = c.mixedFeatures ? encodeLayers(c, p, images!).layers.at(-1)! : encode(c, p, images!).latent;
    return mean(slice(last, 1, 1), 1);
  },
  // A hidden patch that is not predicted shows its mean colour.
  pictures: (c, { images, hidden, idsPredict }, { pred }) =>
    maskedPictures(c, images!, hidden!, scatter(pred as Tensor, idsPredict!, patchGrid(c).L)),
};

/** With mixed features the encoder has no normalisation of its own. */
function withoutNorm(c: CrossMaeConfig) {
  const { "norm.weight": weight, "norm.bias": bias, ...rest } = encoderSpecs(c);
  return c.mixedFeatures ? rest : { ...rest, "norm.weight": weight!, "norm.bias": bias! };
}

function featuresOf(c: CrossMaeConfig, p: Params, { images, idsKeep }: Inputs): readonly Tensor[] {
  const { tokens, layers } = encodeLayers(c, p, images!, idsKeep);
  if (!c.mixedFeatures) return [layerNorm(p, "norm", layers.at(-1)!, c.eps)];
  const chosen = mixedBlocks(c);
  return [...(c.mixedInput ? [tokens] : []), ...layers.filter((_, i) => chosen.includes(i))];
}
