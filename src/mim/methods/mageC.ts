/**
 * MAGE-C. Li et al. 2023, MAGE: MAsked Generative Encoder to Unify Representation Learning and Image Synthesis.
 *
 *   1  two views of each picture, tokens of each                                    [2N, L]
 *   2  MAGE on both: one ratio, masks drawn for each view (methods/mage.ts)          loss_mage []
 *   3  z = two-layer MLP of the mean of the encoder's output                         [2N, d]
 *   4  loss_contrast = cross-entropy that picks a view's partner among the batch, both ways
 *   5  loss = loss_mage + λ loss_contrast                                           []
 *
 * No code of this variant is released; the head's names are ours.
 */
import { decodeLatent, encodeIds } from "../architecture/generativeEncoder.ts";
import { droppedTokens } from "../masking/droppedTokens.ts";
import type { HostTensor, Method } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { crossEntropy } from "../objective/crossEntropy.ts";
import { infoNce } from "../objective/infoNce.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, concat, mean, mul, relu, slice, split, type Tensor } from "../ops.ts";
import { type MageConfig, mage, maskedTokens } from "./mage.ts";

export interface MageCConfig extends MageConfig {
  readonly projector: { readonly hidden: number; readonly out: number };
  readonly temperature: number;
  /** λ, weight of the contrast. */
  readonly contrastWeight: number;
}

export const mageC: Method<MageCConfig> = {
  ...mage,
  id: "mage_c",
  title: "MAGE-C",
  source: "Li et al. 2023",
  recipe: {
    ...mage.recipe,
    objective: { file: "objective/infoNce", does: "cross-entropy over masked tokens, and InfoNCE of two views" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mage.test.ts" },
  toy: {
    ...mage.toy,
    modality: "views",
    batch: 12,
    config: { ...mage.toy.config, projector: { hidden: 64, out: 32 }, temperature: 0.2, contrastWeight: 0.1 },
  },
  specs: (c) => ({
    ...mage.specs(c),
    ...linearSpecs("projector.0", c.dim, c.projector.hidden),
    ...linearSpecs("projector.2", c.projector.hidden, c.projector.out),
  }),
  guide: (c, p, { images, views }, state) =>
    c.tokenizer ? mage.guide!(c, p, { images: concat([images!, views!], 0) }, state) : {},
  prepare: (c, batch, draws, _, guide) => {
    const tokenIds = (batch.tokenIds ?? guide?.tokenIds) as HostTensor; //                              1
    const [N, L] = tokenIds.shape as [number, number];
    return maskedTokens(c, tokenIds, droppedTokens(draws, N, L, c.ratio));
  },
  evaluate: (c, p, { tokenIds, keptIds, keptPlaces, sources, mask }) => {
    const latent = encodeIds(c, p, keptIds!, keptPlaces!); //                                    [2N, 1 + K, D]
    const logits = decodeLatent(c, p, latent, sources!);
    const losses = crossEntropy(slice(logits, 1, 1), tokenIds!, { smoothing: c.smoothing });
    const lossMage = maskedMean(losses, mask!); //                                        2      []
    const features = mean(latent, 1); //                                                         [2N, D]
    const z = linear(p, "projector.2", relu(linear(p, "projector.0", features))); //      3      [2N, d]
    const [one, other] = split(z, 2, 0) as [Tensor, Tensor];
    const ways = add(infoNce(one, other, c.temperature), infoNce(other, one, c.temperature));
    const lossContrast = mul(ways, 0.5); //                                               4      []
    const loss = add(lossMage, mul(lossContrast, c.contrastWeight)); //                   5      []
    return { loss, outputs: { latent, logits, z, lossMage, lossContrast } };
  },
};
