/**
 * GAN-MAE. Fei et al. 2023, Masked Auto-Encoders Meet Generative Adversarial Networks and Beyond.
 *
 *   1  P̂ = MAE's prediction for the hidden patches                             [N, L, p²C]
 *   2  X̃ = the picture with P̂ in the hidden places                             [N, C, H, W]
 *   3  s = one logit a patch: the SAME encoder on all of X̃, a linear head       [N, L]
 *   4  loss_D = cross-entropy of s with the mask over all patches, X̃ held       []
 *   5  loss_adv = cross-entropy of s with "real" over the hidden patches, encoder and head of step 3 held   []
 *   6  loss = MAE's loss + w loss_adv + loss_D                                 []
 *
 * What tells true patches from made ones trains the encoder, as the two roles share it. No code is released: the weights, the
 * linear head, and that both players move in one step are ours. Predictions of normalised pixels are brought back to each
 * patch's own mean and deviation before they are pasted.
 */
import { encode, patchGrid } from "../architecture/asymmetricViT.ts";
import type { Method } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { Params } from "../nn/params.ts";
import { patchify, unpatchify } from "../nn/patchify.ts";
import { binaryCrossEntropy } from "../objective/binaryCrossEntropy.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import {
  add,
  expandDims,
  mean,
  mul,
  reshape,
  slice,
  sqrt,
  stopGradient,
  sub,
  sumOf,
  type Tensor,
  variance,
  zerosLike,
} from "../ops.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface GanMaeConfig extends MaeConfig {
  /** w, weight of what the autoencoder gains by passing for real. */
  readonly adversarialWeight: number;
  readonly discriminatorWeight: number;
}

export const ganMae: Method<GanMaeConfig> = {
  ...mae,
  id: "gan_mae",
  title: "GAN-MAE",
  paper: "fei2023ganmae",
  source: "Fei et al. 2023; survey §3.8",
  recipe: {
    ...mae.recipe,
    objective: { file: "objective/binaryCrossEntropy", does: "mean square, and telling made patches from true ones" },
  },
  published: { epochs: { value: "200 for ViT-B", source: "abstract" } },
  evidence: { level: "mechanism", proof: "test/mim/methods/ganMae.test.ts" },
  toy: {
    ...mae.toy,
    batch: 24,
    steps: 250,
    config: { ...mae.toy.config, adversarialWeight: 0.05, discriminatorWeight: 0.2 },
  },
  specs: (c) => ({ ...mae.specs(c), ...linearSpecs("discriminator", c.dim, 1) }),
  evaluate: (c, p, inputs, state) => {
    const { loss: lossRec, outputs } = mae.evaluate(c, p, inputs, state); //                    1
    const { images, mask } = inputs;
    const composite = pasted(c, images!, outputs.pred as Tensor, mask!); //                     2    [N, C, H, W]
    const logits = realOrMade(c, p, stopGradient(composite)); //                                3    [N, L]
    const lossD = mean(binaryCrossEntropy(logits, mask!)); //                                   4    []
    const held = Object.fromEntries(Object.entries(p).map(([name, x]) => [name, stopGradient(x)]));
    const judged = realOrMade(c, held, composite);
    const lossAdv = maskedMean(binaryCrossEntropy(judged, zerosLike(judged)), mask!); //        5    []
    const loss = sumOf(lossRec, mul(lossAdv, c.adversarialWeight), mul(lossD, c.discriminatorWeight)); // 6
    return { loss, outputs: { ...outputs, composite, logits, lossRec, lossAdv, lossD } };
  },
};

/** The picture with predictions in its hidden places; mask [N, L], 1 hidden. */
function pasted(c: GanMaeConfig, images: Tensor, pred: Tensor, mask: Tensor): Tensor {
  const { h, w } = patchGrid(c);
  const P = patchify(images, c.patchSize); // [N, L, p²C]
  const deviation = sqrt(add(variance(P, -1, { correction: 1, keepdims: true }), 1e-6));
  const made = c.normalizedTarget ? add(mul(pred, deviation), mean(P, -1, { keepdims: true })) : pred;
  const hidden = expandDims(mask, -1);
  return unpatchify(add(mul(P, sub(1, hidden)), mul(made, hidden)), c.patchSize, h, w);
}

/** One logit a patch, positive for made ones. */
function realOrMade(c: GanMaeConfig, p: Params, images: Tensor): Tensor {
  const { latent } = encode(c, p, images); // [N, 1 + L, D]
  const logits = linear(p, "discriminator", slice(latent, 1, 1)); // [N, L, 1]
  return reshape(logits, logits.shape.slice(0, 2));
}
