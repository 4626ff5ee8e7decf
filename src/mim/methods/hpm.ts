/**
 * HPM. Wang et al. 2023, Hard Patches Mining for Masked Image Modeling (Haochen-Wang409/HPM).
 *
 *   1  ŝ = teacher's foretold loss of every patch, from the whole image        [N, L]
 *   2  of the M patches to hide, the ⌊M α⌋ of largest ŝ, the others at random;
 *      α = (step + 1) / steps · 0.5, so masks go from random to hard            [N, L]
 *   3  H = E_θ(visible), mask tokens added, as MAE                              [N, 1 + L, D']
 *   4  P̂ = D_ϕ(H),  s = mean over the outputs of a second decoder on H          [N, M, p²C], [N, M]
 *   5  loss_rec = mean square over the hidden patches; l_i, that of patch i     [], [N, M]
 *   6  loss_pred: over pairs with l_i > l_j, cross-entropy that s_i > s_j       []
 *   7  loss = loss_rec + loss_pred; the teacher follows the student             []
 *
 * Only the order of losses is learned: a constant added to every s changes neither mask nor loss. The targets l_i are
 * constants in step 6.
 */
import {
  type AsymmetricViT,
  decoderHeadSpecs,
  decoderTokens,
  decodeTokens,
  encode,
  patchGrid,
} from "../architecture/asymmetricViT.ts";
import { easyToHard, hardPatches } from "../masking/hardPatches.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { Method } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { absoluteLossPrediction, relativeLossPrediction } from "../objective/lossPrediction.ts";
import { add, gather, mean, scatter, type Tensor } from "../ops.ts";
import { momentumTeacher } from "../state/momentumTeacher.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface HpmConfig extends MaeConfig {
  /** Share of the hidden patches that the teacher chooses at the end of training. */
  readonly lastHardShare: number;
  /** Whether the order of losses is learned (the paper's choice), or their values. */
  readonly lossPrediction: "relative" | "absolute";
  /** The teacher's momentum at the start and from half of training on. */
  readonly momentum: readonly [first: number, last: number];
}

const LOSS_HEAD = "_losspred";

export const hpm: Method<HpmConfig> = {
  ...mae,
  id: "hpm",
  title: "HPM",
  paper: "wang2023hpm",
  source: "Wang et al. 2023; Haochen-Wang409/HPM, models_mae_learn_loss.py and engine_pretrain.py",
  algorithm: null,
  recipe: {
    masking: { file: "masking/hardPatches", does: "75 %, from random to half of them hard by a teacher's foresight" },
    target: { file: "target/normalizedPixels", does: "pixels, normalised patch by patch" },
    objective: { file: "objective/lossPrediction", does: "mean square, and the order of the patches' losses" },
    architecture: {
      file: "architecture/asymmetricViT",
      does: "visible-only encoder, a second decoder foretells losses",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "Haochen-Wang409/HPM, PRETRAIN.md" },
    lastHardShare: { value: 0.5, source: "Haochen-Wang409/HPM, models_mae_learn_loss.py" },
    momentum: { value: "0.999 to 0.9999 over 100 epochs", source: "Haochen-Wang409/HPM, engine_pretrain.py" },
    epochs: { value: 200, source: "Haochen-Wang409/HPM, PRETRAIN.md" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/hpm.json.gz" },
  toy: {
    ...mae.toy,
    batch: 48,
    steps: 300,
    config: { ...mae.toy.config, lastHardShare: 0.5, lossPrediction: "relative", momentum: [0.95, 0.99] },
  },
  specs: (c) => ({ ...mae.specs(c), ...decoderHeadSpecs(c, LOSS_HEAD) }),
  state: {
    init: (_, params) => momentumTeacher.init(params),
    update: (_, teacher, params, { momentum }) => momentumTeacher.update(teacher, params, momentum!),
  },
  guide: (c, _, { images }, teacher) => ({ scores: foretold(c, teacher, images!) }), //            1
  prepare: (c, { images }, draws, { step, steps }, guide) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const hardShare = easyToHard(step, steps, c.lastHardShare);
    const { mask } = hardPatches(draws, guide!.scores!.data, [N, L], { maskRatio: c.maskRatio, hardShare }); // 2
    const { idsKeep, idsMasked, idsRestore } = visibleFirst(mask, N, L);
    const [first, last] = c.momentum;
    const momentum = first + Math.min(1, (2 * step) / steps) * (last - first);
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsMasked: { shape: [N, idsMasked.length / N], data: idsMasked },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
      momentum: { shape: [], data: Float64Array.of(momentum) },
    };
  },
  evaluate: (c, p, { images, idsKeep, idsMasked, idsRestore }) => {
    const { latent } = encode(c, p, images!, idsKeep); //                                3    [N, 1 + K, D]
    const { tokens } = decoderTokens(c, p, latent, idsRestore!); //                           [N, 1 + L, D']
    const pred = gather(decodeTokens(c, p, tokens).pred, idsMasked!); //                 4    [N, M, p²C]
    const scores = mean(gather(decodeTokens(c, p, tokens, LOSS_HEAD).pred, idsMasked!), -1); // [N, M]
    const P = gather(patchify(images!, c.patchSize), idsMasked!); //                          [N, M, p²C]
    const losses = l2(pred, c.normalizedTarget ? normalizedPixels(P) : P); //            5    [N, M]
    const lossRec = mean(losses);
    const judge = c.lossPrediction === "relative" ? relativeLossPrediction : absoluteLossPrediction;
    const lossPred = judge(scores, losses); //                                           6    []
    return { loss: add(lossRec, lossPred), outputs: { latent, pred, scores, losses, lossRec, lossPred } }; // 7
  },
  pictures: (c, { images, mask, idsMasked }, { pred }) =>
    maskedPictures(c, images!, mask!, scatter(pred as Tensor, idsMasked!, patchGrid(c).L)),
};

/** The loss that a network expects for each patch of whole images, [N, L]. */
function foretold(c: AsymmetricViT, p: Params, images: Tensor): Tensor {
  const { tokens } = decoderTokens(c, p, encode(c, p, images).latent);
  return mean(decodeTokens(c, p, tokens, LOSS_HEAD).pred, -1);
}
