/**
 * SemMAE, first stage: semantic parts. Li et al. 2022, SemMAE: Semantic-Guided Masking for Learning Masked Autoencoders.
 *
 *   1  Z = E(all patches)                                              [N, 1 + L, D]
 *   2  q = K part embeddings from the class token of Z                 [N, K, D]
 *   3  A = softmax over the parts of q · W Z / √D, the part maps       [N, K, L]
 *   4  each patch becomes the mean features of its parts, A-weighted   [N, L, D]
 *   5  P̂ = decoder of those; loss = mean square against the pixels     []
 *
 * The picture has to pass through K vectors and their maps, so that patches which look alike share a part. No code of this
 * stage is released: the paper's encoder is a trained and frozen iBOT, here it learns with the rest; names are ours.
 */
import {
  type AsymmetricViT,
  decoderSpecs,
  decoderTokens,
  decodeTokens,
  encode,
  encoderSpecs,
  patchGrid,
  pooled,
} from "../architecture/asymmetricViT.ts";
import { partAttention, partAttentionSpecs } from "../architecture/partAttention.ts";
import type { Method } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { patchify, unpatchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { concat, mean, slice, type Tensor } from "../ops.ts";
import { mae } from "./mae.ts";

export interface SemMaePartsConfig extends AsymmetricViT {
  /** K, number of parts. */
  readonly parts: number;
}

const { maskRatio: _ratio, normalizedTarget: _target, ...toyConfig } = mae.toy.config;

export const semMaeParts: Method<SemMaePartsConfig> = {
  id: "semmae_parts",
  title: "SemMAE parts",
  paper: "li2022semmae",
  source: "Li et al. 2022; survey §3.1",
  recipe: {
    masking: { file: "nn/patchEmbed", does: "none: the whole picture is seen" },
    target: { file: "nn/patchify", does: "pixels of every patch" },
    objective: { file: "objective/l2", does: "mean square over all patches" },
    architecture: { file: "architecture/partAttention", does: "encoder, part maps, light decoder" },
  },
  published: { parts: { value: 7, source: "ucasligang/SemMAE, models_mae_setting3.py" } },
  evidence: { level: "mechanism", proof: "test/mim/methods/semMae.test.ts" },
  toy: { ...mae.toy, batch: 24, steps: 250, classifies: false, config: { ...toyConfig, depth: 2, parts: 4 } },
  specs: (c) => ({
    ...encoderSpecs(c),
    ...partAttentionSpecs("parts", c.dim, c.parts),
    ...decoderSpecs(c),
  }),
  prepare: (_, { images }) => ({ images: images! }),
  evaluate: (c, p, { images }) => {
    const { latent } = encode(c, p, images!); //                                       1    [N, 1 + L, D]
    const parts = partAttention(p, "parts", latent, c.parts); //                       2-4
    const seen = concat([slice(latent, 1, 0, 1), parts.patches], 1);
    const { pred } = decodeTokens(c, p, decoderTokens(c, p, seen).tokens); //          5    [N, L, p²C]
    const target = patchify(images!, c.patchSize);
    return { loss: mean(l2(pred, target)), outputs: { pred, maps: parts.maps, features: parts.features } };
  },
  encode: (c, p, { images }) => pooled(c, encode(c, p, images!).latent),
  pictures: (c, { images }, { pred }) => {
    const { h, w } = patchGrid(c);
    return { masked: images!, reconstruction: unpatchify(pred as Tensor, c.patchSize, h, w) };
  },
};

/** Part maps [N, K, L] of whole images. */
export const partMaps = (c: SemMaePartsConfig, p: Params, images: Tensor): Tensor =>
  partAttention(p, "parts", encode(c, p, images).latent, c.parts).maps;
