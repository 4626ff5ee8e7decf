/**
 * Point-MAE. Pang et al. 2022, Masked Autoencoders for Point Cloud Self-supervised Learning, §3. Survey §2.1, Algorithm 1,
 * on clouds:
 *
 *   1      patches: G centres by farthest point sampling, each with     [N, G, 3], [N, G, k, 3]
 *          its k nearest points, relative to the centre
 *   2      I_v, I_m: a share of the patches is hidden                   [N, K], [N, M]
 *   3-5    H[I_v]: tokens by a small PointNet, then E_θ; centres come   [N, K, D]
 *          in as positions before every block
 *   6-8    P̂ = D_ϕ(latents, a mask token for each hidden centre)        [N, M, k, 3]
 *   9      loss = Chamfer distance of each hidden patch, relative to its centre
 */
import { miniPointNet } from "../architecture/miniPointNet.ts";
import {
  decodePatches,
  encodePatches,
  type PointTransformer,
  pointDecoderSpecs,
  pointEncoderSpecs,
} from "../architecture/pointTransformer.ts";
import { idsOf } from "../masking/maskedIds.ts";
import { nearestCentersMasking } from "../masking/nearestCenters.ts";
import { shuffledMasking } from "../masking/shuffled.ts";
import type { HostTensor, Method } from "../method.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { chamferL1, chamferL2 } from "../objective/chamfer.ts";
import { gather, max, reshape, transpose } from "../ops.ts";
import { pointGroups } from "../points/pointGroups.ts";

export interface PointMaeConfig extends PointTransformer {
  readonly maskRatio: number;
  readonly masking: "random" | "block";
  readonly loss: "chamferL1" | "chamferL2";
}

/** Patches of the clouds [N, P, 3]. */
function groupedPoints(c: Pick<PointMaeConfig, "groups" | "groupSize">, points: HostTensor): PatchInputs {
  const [N, P] = points.shape as [number, number];
  const { idsCenter, centers, neighborhoods } = pointGroups(points.data, [N, P], c.groups, c.groupSize);
  return {
    idsCenter: { shape: [N, c.groups], data: idsCenter },
    centers: { shape: [N, c.groups, 3], data: centers },
    neighborhoods: { shape: [N, c.groups, c.groupSize, 3], data: neighborhoods },
  };
}

type PatchInputs = Readonly<Record<"idsCenter" | "centers" | "neighborhoods", HostTensor>>;

export const pointMae: Method<PointMaeConfig> = {
  id: "point_mae",
  title: "Point-MAE",
  paper: "pang2022pointmae",
  source: "Pang et al. 2022, §3; survey §2.1, Algorithm 1",
  recipe: {
    masking: { file: "masking/shuffled", does: "60 % of the point patches" },
    target: { file: "points/pointGroups", does: "coordinates of a hidden patch, relative to its centre" },
    objective: { file: "objective/chamfer", does: "Chamfer distance of squared lengths over the hidden patches" },
    architecture: {
      file: "architecture/pointTransformer",
      does: "small PointNet, encoder on visible patches, decoder with mask tokens at the hidden centres",
    },
  },
  published: {
    positionHidden: { value: 128, source: "released code, models/Point_MAE.py" },
    widths: { value: "128, 256, then 512, 512", source: "released code, models/Point_MAE.py" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/point_mae.json.gz" },
  toy: {
    modality: "points",
    batch: 16,
    steps: 200,
    lr: 3e-3,
    tried:
      "The untrained network, a small PointNet, is read right in two of three cases already. 200 steps of 16 clouds gained 2, 0 and 1.6 points; 600 steps of 8 lost 6.4.",
    config: {
      groups: 16,
      groupSize: 16,
      widths: [32, 64],
      dim: 64,
      depth: 3,
      heads: 4,
      decoderDepth: 1,
      decoderHeads: 4,
      positionHidden: 64,
      eps: 1e-5,
      maskRatio: 0.6,
      masking: "random",
      loss: "chamferL2",
    },
  },
  specs: (c) => ({
    ...pointEncoderSpecs(c),
    ...pointDecoderSpecs(c),
    ...convolutionSpecs("increase_dim.0", c.dim, 3 * c.groupSize, [1]),
  }),
  prepare: (c, { points }, draws) => {
    const grouped = groupedPoints(c, points!); //                                           1
    const [N, G] = grouped.centers.shape as [number, number];
    const mask = //                                                                         2
      c.masking === "block"
        ? nearestCentersMasking(draws, grouped.centers.data, [N, G], c.maskRatio)
        : shuffledMasking(draws, N, G, c.maskRatio);
    const [idsKeep, idsMask] = [idsOf(mask, N, 0), idsOf(mask, N, 1)];
    return {
      ...grouped,
      mask: { shape: [N, G], data: mask },
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsMask: { shape: [N, idsMask.length / N], data: idsMask },
    };
  },
  evaluate: (c, p, { centers, neighborhoods, idsKeep, idsMask }) => {
    const [N, G] = centers!.shape as [number, number];
    const tokens = miniPointNet(p, "MAE_encoder.encoder", neighborhoods!); //                     3    [N, G, D]
    const [seen, hidden] = [gather(centers!, idsKeep!), gather(centers!, idsMask!)]; //          [N, K, 3], [N, M, 3]
    const latent = encodePatches(c, p, gather(tokens, idsKeep!), seen); //                  3-5  [N, K, D]
    const decoded = decodePatches(c, p, latent, seen, hidden); //                           6-7  [N, M, D]
    const pred = reshape(transpose(convolution(p, "increase_dim.0", transpose(decoded, [0, 2, 1])), [0, 2, 1]), [
      -1,
      c.groupSize,
      3,
    ]); //                                                                                   8    [NM, k, 3]
    const target = reshape(gather(reshape(neighborhoods!, [N, G, -1]), idsMask!), [-1, c.groupSize, 3]);
    const loss = (c.loss === "chamferL1" ? chamferL1 : chamferL2)(pred, target); //         9
    return { loss, outputs: { pred, target, latent } };
  },
  arrange: (c, { points }) => groupedPoints(c, points!),
  encode: (c, p, { centers, neighborhoods }) =>
    max(encodePatches(c, p, miniPointNet(p, "MAE_encoder.encoder", neighborhoods!), centers!), 1),
};
