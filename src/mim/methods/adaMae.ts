/**
 * AdaMAE. Bandara et al. 2023, AdaMAE: Adaptive Masking for Efficient Spatiotemporal Learning with Masked Autoencoders, §3
 * (wgcban/adamae). Survey §3.16; Algorithm 1 with a mask that a network draws:
 *
 *   1    P = cubes, embedded without positions                                    [N, L, D]
 *   2    p = softmax of a sampling network on all of them                         [N, L]
 *        I_v = K cubes drawn from p without replacement, I_m the others           [N, K], [N, M]
 *   3-8  as VideoMAE                                                              [N, M, s·p²·C]
 *   9    e_i = mean square error of hidden cube i                                 [N, M]
 *        loss = mean e_i - λ mean(log p_i · e_i),  e_i a constant in the second term
 *
 * The second term alone trains the sampling network, and through it the embedding of cubes; encoder and decoder learn from the first.
 * The survey (§3.16) gives foreground the larger probability of being masked. In the released code p is the probability of being
 * seen, and what is hidden and badly predicted becomes likelier to be seen. λ = 1e-4.
 */
import { samplingNet, samplingNetSpecs } from "../architecture/samplingNet.ts";
import { cubeGrid, cubeTokens, decodeCubes, encodeCubes } from "../architecture/videoViT.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { Method } from "../method.ts";
import { l2 } from "../objective/l2.ts";
import { samplingReward } from "../objective/samplingReward.ts";
import { add, exp, gather, mean, mul, reshape, type Tensor } from "../ops.ts";
import { maskedClips } from "../train/clipPictures.ts";
import { hiddenCubes, type VideoMaeConfig, videoMae } from "./videoMae.ts";

export interface AdaMaeConfig extends VideoMaeConfig {
  readonly samplingHeads: number;
  /** λ */
  readonly samplingWeight: number;
}

export const adaMae: Method<AdaMaeConfig> = {
  ...videoMae,
  id: "adamae",
  title: "AdaMAE",
  paper: "bandara2023adamae",
  source: "Bandara et al. 2023, §3; wgcban/adamae, models/pretrain/vit.py and msc/engine_for_pretraining.py",
  recipe: {
    masking: { file: "architecture/samplingNet", does: "95 % of the cubes; the others drawn by a network that learns" },
    target: { file: "target/normalizedTubes", does: "pixels, each channel of a cube normalised" },
    objective: { file: "objective/samplingReward", does: "mean square, and log probabilities weighed by it" },
    architecture: { file: "architecture/videoViT", does: "VideoMAE's, and one block that rates cubes" },
  },
  published: {
    maskRatio: { value: 0.95, source: "abstract; 0.9 in wgcban/adamae, models/pretrain/vit.py" },
    samplingWeight: { value: 1e-4, source: "wgcban/adamae, msc/engine_for_pretraining.py" },
    samplingNet: { value: "1 block, 8 heads", source: "wgcban/adamae, models/pretrain/vit.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/adaMae.test.ts" },
  toy: {
    ...videoMae.toy,
    batch: 8,
    steps: 420,
    config: { ...videoMae.toy.config, maskRatio: 0.8, samplingHeads: 4, samplingWeight: 1e-2 },
  },
  specs: (c) => ({ ...videoMae.specs(c), ...samplingNetSpecs(cubeGrid(c).L, c.dim) }),
  guide: (c, p, { videos }) => ({ chances: exp(samplingNet(p, cubeTokens(c, p, videos!), c.samplingHeads)) }), // 2
  prepare: (c, { videos }, draws, _, guide) => {
    const { shape, data } = guide!.chances!;
    const [N, L] = shape as [number, number];
    const K = Math.floor(L * (1 - c.maskRatio));
    const mask = new Float32Array(N * L).fill(1);
    draws.multinomial(data, N, K).forEach((cube, i) => {
      mask[Math.floor(i / K) * L + cube] = 0;
    });
    const { idsKeep, idsMasked } = visibleFirst(mask, N, L);
    return {
      videos: videos!,
      mask: { shape: [N, L], data: mask },
      idsKeep: { shape: [N, K], data: idsKeep },
      idsMask: { shape: [N, L - K], data: idsMasked },
    };
  },
  evaluate: (c, p, { videos, idsKeep, idsMask }) => {
    const logP = samplingNet(p, cubeTokens(c, p, videos!), c.samplingHeads); //        1-2  [N, L]
    const target = hiddenCubes(c, videos!, idsMask!); //                                    [N, M, s·p²·C]
    const { latent } = encodeCubes(c, p, videos!, idsKeep); //                         3-5  [N, K, D]
    const pred = decodeCubes(c, p, latent, idsKeep!, idsMask!); //                     6-8  [N, M, s·p²·C]
    const errors = l2(pred, target); //                                                9    [N, M]
    const hidden = reshape(gather(reshape(logP, [...logP.shape, 1]), idsMask!), errors.shape);
    const [lossRec, lossSampling] = [mean(errors), samplingReward(hidden, errors)];
    const loss = add(lossRec, mul(lossSampling, c.samplingWeight));
    return { loss, outputs: { pred, target, latent, logP, errors, lossRec, lossSampling } };
  },
  pictures: (c, { videos, idsMask }, { pred }) => maskedClips(c, videos!, idsMask!, pred as Tensor),
};
