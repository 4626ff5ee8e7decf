/**
 * SupMAE. Liang et al. 2024, SupMAE: Supervised Masked Autoencoders Are Efficient Vision Learners.
 *
 *   1  Z = E_θ(visible patches), 75 % hidden at random                        [N, 1 + K, D]
 *   2  loss_rec = MAE's loss                                                  []
 *   3  f = mean of Z over the visible patches, the class token left out       [N, D]
 *   4  c = MLP with batch normalisation of f                                  [N, classes]
 *   5  loss = loss_rec + λ cross-entropy(c / T, label)                        []
 *
 * The class is told from a quarter of the picture. The survey speaks of some of the visible tokens; the released code
 * averages all of them.
 */
import type { Method } from "../method.ts";
import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { crossEntropy } from "../objective/crossEntropy.ts";
import { add, mean, mul, relu, select, slice, type Tensor } from "../ops.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface SupMaeConfig extends MaeConfig {
  readonly classes: number;
  /** Width of the head's hidden layer; 0 makes it one linear layer. */
  readonly hidden: number;
  /** Whether the head reads the mean of the visible patches, or the class token. */
  readonly meanOfPatches: boolean;
  /** λ and T of the cross-entropy. */
  readonly classWeight: number;
  readonly temperature: number;
}

export const supMae: Method<SupMaeConfig> = {
  ...mae,
  id: "supmae",
  title: "SupMAE",
  paper: "liang2024supmae",
  source: "Liang et al. 2024; enyac-group/supmae, models_supmae.py and main_pretrain_supmae.py",
  recipe: {
    ...mae.recipe,
    objective: {
      file: "objective/crossEntropy",
      does: "mean square over masked patches, and the class of the picture",
    },
  },
  published: {
    classWeight: { value: 0.01, source: "enyac-group/supmae, main_pretrain_supmae.py" },
    temperature: { value: 10, source: "enyac-group/supmae, main_pretrain_supmae.py" },
    hidden: { value: 3072, source: "enyac-group/supmae, models_supmae.py" },
    decoder: { value: "1 block, 512 wide", source: "enyac-group/supmae, PRETRAIN.md" },
    epochs: { value: 400, source: "enyac-group/supmae, PRETRAIN.md" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/supMae.test.ts" },
  toy: {
    ...mae.toy,
    config: {
      ...mae.toy.config,
      classes: 10,
      hidden: 64,
      meanOfPatches: true,
      classWeight: 0.1,
      temperature: 1,
    },
  },
  specs: (c) => ({ ...mae.specs(c), ...headSpecs(c) }),
  prepare: (c, batch, draws, progress) => ({
    ...mae.prepare(c, batch, draws, progress),
    labels: batch.labels!,
  }),
  evaluate: (c, p, inputs, state) => {
    const { loss: lossRec, outputs } = mae.evaluate(c, p, inputs, state); //                        1-2
    const latent = outputs.latent as Tensor;
    const features = c.meanOfPatches ? mean(slice(latent, 1, 1), 1) : select(latent, 1, 0); //      3    [N, D]
    const logits = head(c, p, features); //                                                         4    [N, classes]
    const lossClass = mean(crossEntropy(mul(logits, 1 / c.temperature), inputs.labels!)); //             []
    const loss = add(lossRec, mul(lossClass, c.classWeight)); //                                    5    []
    return { loss, outputs: { ...outputs, features, logits, lossRec, lossClass } };
  },
};

function head(c: SupMaeConfig, p: Params, features: Tensor): Tensor {
  if (c.hidden === 0) return linear(p, "cls_head", features);
  return linear(p, "cls_head.3", relu(batchNorm(p, "cls_head.1", linear(p, "cls_head.0", features))));
}

function headSpecs(c: SupMaeConfig): ParamSpecs {
  if (c.hidden === 0) return linearSpecs("cls_head", c.dim, c.classes);
  return {
    ...linearSpecs("cls_head.0", c.dim, c.hidden),
    ...batchNormSpecs("cls_head.1", c.hidden),
    ...linearSpecs("cls_head.3", c.hidden, c.classes),
  };
}
