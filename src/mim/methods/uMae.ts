/**
 * U-MAE. Zhang et al. 2022, How Mask Matters: Towards Theoretical Understandings of Masked Autoencoders.
 *
 * The paper shows that two visible parts which predict the same hidden part act as a positive pair, so that MAE's loss
 * pulls features together and nothing pushes them apart. U-MAE adds the push, on what the encoder makes of visible patches:
 *
 *   1  latent = E_θ(visible patches)                               [N, 1 + K, D]
 *   2  loss_mae = MAE's loss (methods/mae.ts)                      []
 *   3  f = norm(latent)[:, 0], the class token                     [N, D]
 *   4  loss_uniformity = mean over i, j of (f̂ᵢ · f̂ⱼ)², f̂ = f/‖f‖   []
 *   5  loss = loss_mae + λ loss_uniformity                         []
 *
 * The latent is normalised already; the authors' code applies the same layer normalisation a second time in step 3, and so
 * does this. Their code also trains a classifier on f (`fc_norm`, `fc`) to watch progress; it does not reach the encoder.
 */

import type { Method } from "../method.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs } from "../nn/params.ts";
import { uniformity } from "../objective/uniformity.ts";
import { add, mul, select, type Tensor } from "../ops.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface UMaeConfig extends MaeConfig {
  /** λ, weight of the uniformity term. */
  readonly uniformityWeight: number;
  /** Classes of the classifier that the released checkpoints hold; none when absent. */
  readonly classes?: number;
}

export const uMae: Method<UMaeConfig> = {
  ...mae,
  id: "u_mae",
  title: "U-MAE",
  paper: "zhang2022umae",
  source: "Zhang et al. 2022",
  recipe: {
    ...mae.recipe,
    objective: { file: "objective/uniformity", does: "mean square over masked patches, and class tokens kept apart" },
  },
  published: {
    epochs: { value: 200, source: "zhangq327/U-MAE, README" },
    uniformityWeight: { value: 0.01, source: "zhangq327/U-MAE, README" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/u_mae.json.gz" },
  toy: { ...mae.toy, config: { ...mae.toy.config, uniformityWeight: 0.01 } },
  specs: (c) => ({ ...mae.specs(c), ...(c.classes !== undefined && classifierSpecs(c.dim, c.classes)) }),
  evaluate: (c, p, inputs, state) => {
    const { loss: lossMae, outputs } = mae.evaluate(c, p, inputs, state); //                     1-2
    const renormed = layerNorm(p, "norm", outputs.latent as Tensor, c.eps); //       [N, 1 + K, D]
    const features = select(renormed, 1, 0); //                                      3    [N, D]
    const lossUniformity = uniformity(features); //                                  4    []
    const loss = add(lossMae, mul(lossUniformity, c.uniformityWeight)); //           5    []
    return { loss, outputs: { ...outputs, renormed, features, lossMae, lossUniformity } };
  },
};

function classifierSpecs(D: number, classes: number): ParamSpecs {
  const specs = { ...layerNormSpecs("fc_norm", D), ...linearSpecs("fc", D, classes) };
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, { ...spec, trainable: false as const }]),
  );
}
