/**
 * CL-MAE. Madan et al. 2024, CL-MAE: Curriculum-Learned Masked Autoencoders (ristea/cl-mae).
 *
 *   1  s = masking network of the embedded patches, 1 keep, 0 hide             [N, L]
 *   2  hide the 75 % of lowest score; the autoencoder learns as MAE does        []
 *   3  soft pass: all patches, each token times its score, go through the
 *      autoencoder, whose parameters are held                                   [N, L, p²C]
 *   4  loss_soft = Σ (1 - s) · square error / Σ (1 - s)                         []
 *   5  loss_net = κ loss_soft + λ_g undecided(s) + λ_k divergence(s) + λ_d likeness(s); only the masking network learns
 *      from it. κ goes from 1 (make it easy) to -1 (make it hard)               []
 *
 * The authors step the autoencoder and then the masking network on the same batch; here both gradients belong to one step.
 */
import {
  decode,
  decoderSpecs,
  decoderTokens,
  decodeTokens,
  encode,
  encoderSpecs,
  encodeTokens,
  patchGrid,
  placedPatches,
} from "../architecture/asymmetricViT.ts";
import { maskingNet, maskingNetSpecs } from "../architecture/maskingNet.ts";
import { keepSmallest } from "../masking/random.ts";
import type { Evaluation, Method } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { likeness, shareDivergence, undecided } from "../objective/keepScores.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, expandDims, mul, stopGradient, sub, sumOf, type Tensor } from "../ops.ts";
import { partnerToAdversary } from "../schedule/partnerToAdversary.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface ClMaeConfig extends MaeConfig {
  readonly scorer: { readonly depth: number; readonly heads: number; readonly eps: number };
  readonly undecidedWeight: number;
  readonly shareWeight: number;
  readonly likenessWeight: number;
}

const SCORER = "masking_net";

export const clMae: Method<ClMaeConfig> = {
  ...mae,
  id: "cl_mae",
  title: "CL-MAE",
  paper: "madan2024clmae",
  source: "Madan et al. 2024; ristea/cl-mae, models_mae.py, engine_pretrain.py and main_pretrain.py",
  algorithm: null,
  recipe: {
    masking: {
      file: "architecture/maskingNet",
      does: "75 % of lowest score by a network that turns from easy to hard",
    },
    target: { file: "target/normalizedPixels", does: "pixels, normalised patch by patch" },
    objective: { file: "objective/keepScores", does: "mean square; the scorer's signed share of it, and three rules" },
    architecture: mae.recipe.architecture,
  },
  published: {
    maskRatio: { value: 0.75, source: "ristea/cl-mae, main_pretrain.py" },
    weights: { value: "undecided 1, share 0.1, likeness 2", source: "ristea/cl-mae, main_pretrain.py" },
    scorer: { value: "5 blocks, 4 heads", source: "ristea/cl-mae, models_mae.py" },
    epochs: { value: 200, source: "ristea/cl-mae, main_pretrain.py" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/cl_mae.json.gz" },
  toy: {
    ...mae.toy,
    batch: 12,
    steps: 400,
    config: {
      ...mae.toy.config,
      scorer: { depth: 1, heads: 4, eps: 1e-5 },
      undecidedWeight: 1,
      shareWeight: 0.1,
      likenessWeight: 2,
    },
  },
  specs: (c) => ({
    ...encoderSpecs(c),
    ...maskingNetSpecs(SCORER, patchGrid(c).L, scorerOf(c)),
    ...decoderSpecs(c),
  }),
  guide: (c, p, { images }) => ({ scores: scoresOf(c, p, placedPatches(c, p, images!).placed) }), //                1
  prepare: (c, { images }, _, { step, steps }, guide) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const low = Float64Array.from(guide!.scores!.data, (s) => -s);
    const { idsKeep, idsRestore, mask } = keepSmallest(low, N, L, Math.floor(L * (1 - c.maskRatio))); //     2
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
      factor: { shape: [], data: Float64Array.of(partnerToAdversary(step, steps)) },
    };
  },
  evaluate: (c, p, inputs) => {
    const { images, idsKeep, idsRestore, mask, factor } = inputs;
    const { latent } = encode(c, p, images!, idsKeep);
    const { pred } = decode(c, p, latent, idsRestore!);
    const target = targetOf(c, images!);
    const lossMae = maskedMean(l2(pred, target), mask!); //                                                  2
    const net = scorerLoss(c, p, images!, factor!);
    return {
      loss: add(lossMae, net.loss),
      outputs: { pred, latent, target, lossMae, lossNet: net.loss, ...net.outputs },
    };
  },
};

/** The masking network's own loss; the autoencoder's parameters are held. factor [] is κ. */
export function scorerLoss(c: ClMaeConfig, p: Params, images: Tensor, factor: Tensor): Evaluation {
  const held = Object.fromEntries(
    Object.entries(p).map(([name, x]) => [name, name.startsWith(`${SCORER}.`) ? x : stopGradient(x)]),
  );
  const placed = placedPatches(c, held, images).placed; // [N, L, D]
  const scores = scoresOf(c, held, placed); //                                          1    [N, L]
  const { latent } = encodeTokens(c, held, mul(placed, expandDims(scores, -1))); //     3    [N, 1 + L, D]
  const { pred } = decodeTokens(c, held, decoderTokens(c, held, latent).tokens); //          [N, L, p²C]
  const lossSoft = maskedMean(l2(pred, targetOf(c, images)), sub(1, scores)); //        4    []
  const lossUndecided = mul(undecided(scores), c.undecidedWeight);
  const lossShare = mul(shareDivergence(scores, 1 - c.maskRatio), c.shareWeight);
  const lossLikeness = mul(likeness(scores), c.likenessWeight);
  const loss = sumOf(mul(lossSoft, factor), lossUndecided, lossShare, lossLikeness); // 5    []
  return { loss, outputs: { scores, lossSoft, lossUndecided, lossShare, lossLikeness } };
}

const scorerOf = (c: ClMaeConfig) => ({ dim: c.dim, ...c.scorer });

const scoresOf = (c: ClMaeConfig, p: Params, placed: Tensor): Tensor => maskingNet(p, SCORER, placed, scorerOf(c));

function targetOf(c: ClMaeConfig, images: Tensor): Tensor {
  const P = patchify(images, c.patchSize);
  return c.normalizedTarget ? normalizedPixels(P) : P;
}
