/**
 * GeoMAE. Tian et al. 2023, GeoMAE: Masked Geometric Target Prediction for Self-supervised Point Cloud Pre-Training, §3
 * (Tsinghua-MARS-Lab/GeoMAE). Survey §3.2; Algorithm 1 on clouds, with geometry in place of points:
 *
 *   1    pillars over the ground; one token for each that holds points, from these points       [N, L, D]
 *   2    of each cloud's pillars 70 % are hidden                                                [N, K], [N, M]
 *   3-5  sparse regional transformer on the visible ones                                        [N, K, D]
 *   6-8  mask tokens join; two decoders: one tells centroids and occupancy of each hidden pillar and of
 *        its finer parts, the other the surface's normal and curvature                          [N, M, …]
 *   9    loss = w_f |ĉ - c|² + w_c |ĉ - c|² + w_p |ĉ - c|² of fine parts, coarse parts and pillars, each where there are points,
 *             + v_f BCE + v_c BCE of their occupancy + w_n |n̂ - n|² + w_κ |κ̂ - κ|²
 *
 * Abstract and survey name curvature as a target of its own. The released loop computes it and trains on the normal
 * alone, as the singular vector comes, sign included (`curvatureWeight: 0`, `signed: true`). Empty slots fill every cloud up to as
 * many tokens; nothing looks at them and nothing is asked of them.
 */
import { type RegionalTransformer, regionalBlocks, regionalSpecs } from "../architecture/regionalTransformer.ts";
import { POINT_FEATURES, voxelFeatureSpecs, voxelFeatures } from "../architecture/voxelFeatures.ts";
import type { Draws } from "../draws.ts";
import type { HostInputs, HostTensor, Method } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { param } from "../nn/params.ts";
import { binaryCrossEntropy } from "../objective/binaryCrossEntropy.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { signFree } from "../objective/signFree.ts";
import {
  broadcastTo,
  concat,
  div,
  gather,
  mean,
  mul,
  range,
  reshape,
  slice,
  stack,
  sub,
  sum,
  sumOf,
  type Tensor,
} from "../ops.ts";
import { geometryTargets, type PillarGrid, pillarOf, type Zyx } from "../voxel/geometryTargets.ts";

export interface GeoMaeConfig extends PillarGrid, RegionalTransformer {
  readonly maskRatio: number;
  /** Width of the first layer on points. */
  readonly pointWidth: number;
  /** Points of a pillar that its token is made from, at most. */
  readonly pointsPerPillar: number;
  readonly encoderDepth: number;
  readonly decoderDepth: number;
  /** w_f, w_c and w_p. */
  readonly centroidWeights: Zyx;
  /** v_f and v_c. */
  readonly occupancyWeights: readonly [fine: number, coarse: number];
  readonly normalWeight: number;
  /** 0 leaves the head out. */
  readonly curvatureWeight: number;
  /** Whether a normal's sign counts. */
  readonly signed: boolean;
}

export const geoMae: Method<GeoMaeConfig> = {
  id: "geomae",
  title: "GeoMAE",
  paper: "tian2023geomae",
  source: "Tian et al. 2023, §3; Tsinghua-MARS-Lab/GeoMAE; survey §3.2",
  recipe: {
    masking: { file: "methods/geoMae", does: "70 % of the pillars that hold points" },
    target: { file: "voxel/geometryTargets", does: "centroids at three sizes, occupancy, normal and curvature" },
    objective: { file: "objective/signFree", does: "squared errors and cross-entropies; a normal's sign is free" },
    architecture: {
      file: "architecture/regionalTransformer",
      does: "window attention among visible pillars, a decoder for places and one for surfaces",
    },
  },
  published: {
    maskRatio: { value: 0.7, source: "released m_sst_nus_singlestage_curv_07_ssl_dataset_wo_dbsampler_6x_1e-5.py" },
    centroidWeights: { value: "10 fine, 8 coarse, 10 pillar", source: "released configuration, as above" },
    occupancyWeights: { value: "5 fine, 2 coarse", source: "released configuration, as above" },
    normalWeight: { value: 4, source: "released configuration, as above" },
    blocks: {
      value: "6 and 2 of two layers, 128 wide, 8 heads, windows of 12",
      source: "released configuration, as above",
    },
    parts: { value: "8 x 4 x 4 fine, 4 x 2 x 2 coarse", source: "released configuration, as above" },
    learningRate: { value: "1e-5, 72 epochs", source: "released configuration, as above" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/geoMae.test.ts" },
  toy: {
    modality: "points",
    batch: 16,
    steps: 110,
    lr: 3e-3,
    classifies: false,
    config: {
      origin: [-1.05, -1.05, -1.05],
      size: [2.1, 0.2625, 0.2625],
      rows: 8,
      columns: 8,
      coarse: [4, 2, 2],
      fine: [4, 4, 4],
      window: 4,
      dim: 64,
      heads: 4,
      feedForward: 128,
      maskRatio: 0.7,
      pointWidth: 32,
      pointsPerPillar: 16,
      encoderDepth: 2,
      decoderDepth: 1,
      centroidWeights: [10, 8, 10],
      occupancyWeights: [5, 2],
      normalWeight: 4,
      curvatureWeight: 4,
      signed: false,
    },
  },
  specs: (c) => {
    const head = (name: string, F: number) => linearSpecs(`backbone.${name}`, c.dim, F);
    const [F, C] = [parts(c.fine), parts(c.coarse)];
    return {
      ...voxelFeatureSpecs("voxel_encoder", [c.pointWidth, c.dim]),
      "backbone.mask_token": { shape: [1, c.dim], init: { normal: 0.02 } },
      ...regionalSpecs("backbone.encoder_blocks", c.encoderDepth, c),
      ...regionalSpecs("backbone.decoder_centroid_blocks", c.decoderDepth, c),
      ...regionalSpecs("backbone.decoder_density_blocks", c.decoderDepth, c),
      ...head("decoder_pred_low", 3 * F),
      ...head("decoder_pred_med", 3 * C),
      ...head("decoder_pred_top", 3),
      ...head("decoder_pred_density_top", 3),
      ...head("cls_pred_low", 2 * F),
      ...head("cls_pred_med", 2 * C),
      ...(c.curvatureWeight > 0 && head("decoder_pred_curvature", 3)),
    };
  },
  prepare: (c, { points }, draws) => {
    const upright = zyx(points!);
    const targets = geometryTargets(c, upright);
    return { ...pillars(c, upright), ...targets, ...hiddenPillars(c, targets.occupied, draws) }; //              1-2
  },
  evaluate: (c, p, x) => {
    const tokens = voxelFeatures(p, "voxel_encoder", x.points!, x.there!); //                     1    [N, L, D]
    const seen = { cells: x.idsKeep!, there: x.keptThere! };
    const latent = regionalBlocks(c, p, "backbone.encoder_blocks", c.encoderDepth, gather(tokens, x.idsKeep!), seen); // 3-5
    const [N, M] = x.idsMask!.shape as [number, number];
    const K = latent.shape[1]!;
    const masks = broadcastTo(reshape(param(p, "backbone.mask_token"), [1, 1, c.dim]), [N, M, c.dim]);
    const all = { cells: concat([x.idsKeep!, x.idsMask!], 1), there: concat([x.keptThere!, x.hiddenThere!], 1) };
    const decoded = (name: string): Tensor => {
      const made = regionalBlocks(
        c,
        p,
        `backbone.decoder_${name}_blocks`,
        c.decoderDepth,
        concat([latent, masks], 1),
        all,
      );
      return slice(made, 1, K); // the mask tokens
    };
    const [places, surface] = [decoded("centroid"), decoded("density")]; //                       6-7  [N, M, D] each
    const head = (name: string, z: Tensor) => linear(p, `backbone.${name}`, z); //                8
    const told = (target: Tensor) => gather(target, x.idsMask!);
    const there = x.hiddenThere!; //                                                                   [N, M]
    const centroid = (name: string, target: Tensor, occupied: Tensor) => {
      const [pred, aim] = [head(name, places), told(target)].map((z) => reshape(z, [N, M, -1, 3])) as [Tensor, Tensor];
      return maskedMean(l2(pred, aim), mul(reshape(occupied, [N, M, -1]), reshape(there, [N, M, 1])));
    };
    const occupancy = (name: string, occupied: Tensor) => {
      const labels = stack([sub(1, occupied), occupied], 3); //                                        [N, M, S, 2]
      const losses = mean(binaryCrossEntropy(reshape(head(name, places), labels.shape), labels), [2, 3]);
      return maskedMean(losses, there);
    };
    const [fine, coarse] = [told(x.fineOccupied!), told(x.coarseOccupied!)];
    const normal = head("decoder_pred_density_top", surface); //                                       [N, M, 3]
    const normals = (c.signed ? l2 : signFree)(normal, told(x.normal!));
    const losses = {
      fine: mul(centroid("decoder_pred_low", x.fine!, fine), c.centroidWeights[0]), //            9
      coarse: mul(centroid("decoder_pred_med", x.coarse!, coarse), c.centroidWeights[1]),
      whole: mul(centroid("decoder_pred_top", x.whole!, there), c.centroidWeights[2]),
      fineOccupied: mul(occupancy("cls_pred_low", fine), c.occupancyWeights[0]),
      coarseOccupied: mul(occupancy("cls_pred_med", coarse), c.occupancyWeights[1]),
      normal: mul(maskedMean(normals, there), c.normalWeight),
      ...(c.curvatureWeight > 0 && {
        curvature: mul(
          maskedMean(l2(head("decoder_pred_curvature", surface), told(x.curvature!)), there),
          c.curvatureWeight,
        ),
      }),
    };
    return { loss: sumOf(...Object.values(losses)), outputs: { tokens, latent, normal, losses } };
  },
  arrange: (c, { points }) => pillars(c, zyx(points!)),
  encode: (c, p, { points, there, anyPoint }) => {
    const [N, L] = anyPoint!.shape as [number, number];
    const cells = broadcastTo(range(L), [N, L]);
    const tokens = voxelFeatures(p, "voxel_encoder", points!, there!);
    const all = { cells, there: anyPoint! };
    const latent = regionalBlocks(c, p, "backbone.encoder_blocks", c.encoderDepth, tokens, all);
    const weights = reshape(anyPoint!, [N, L, 1]);
    return div(sum(mul(latent, weights), 1), sum(weights, 1));
  },
};

const parts = (of: Zyx): number => of[0] * of[1] * of[2];

/** Clouds [N, P, 3] with their axes in the order z, y, x. */
const zyx = ({ shape, data }: HostTensor): HostTensor => ({
  shape,
  data: Float64Array.from(data, (_, i) => data[i - (i % 3) + 2 - (i % 3)]!),
});

/** What tokens are made from: points [N, L, P, 9] of each pillar, which of them there are, and whether there is any. */
function pillars(c: GeoMaeConfig, points: HostTensor): Record<"points" | "there" | "anyPoint", HostTensor> {
  const [N, count] = points.shape as [number, number, number];
  const [L, P] = [c.rows * c.columns, c.pointsPerPillar];
  const out = new Float32Array(N * L * P * POINT_FEATURES);
  const there = new Float32Array(N * L * P);
  const anyPoint = new Float32Array(N * L);
  for (let n = 0; n < N; n++) {
    const own = points.data.subarray(n * count * 3, (n + 1) * count * 3);
    const members = Array.from({ length: L }, (): number[] => []);
    pillarOf(c, own).forEach((cell, i) => cell >= 0 && members[cell]!.push(i));
    members.forEach((ids, cell) => {
      if (ids.length === 0) return;
      anyPoint[n * L + cell] = 1;
      const axes = [2, 1, 0]; // x, y, z
      const centroid = axes.map((axis) => ids.reduce((sum, i) => sum + own[3 * i + axis]!, 0) / ids.length);
      const corner: Zyx = [0, Math.floor(cell / c.columns), cell % c.columns];
      const middle = axes.map((axis) => c.origin[axis]! + (corner[axis]! + 0.5) * c.size[axis]!);
      ids.slice(0, P).forEach((i, place) => {
        const at = (n * L + cell) * P + place;
        const from = axes.map((axis) => own[3 * i + axis]!);
        out.set(
          [...from, ...from.map((v, k) => v - centroid[k]!), ...from.map((v, k) => v - middle[k]!)],
          at * POINT_FEATURES,
        );
        there[at] = 1;
      });
    });
  }
  return {
    points: { shape: [N, L, P, POINT_FEATURES], data: out },
    there: { shape: [N, L, P], data: there },
    anyPoint: { shape: [N, L], data: anyPoint },
  };
}

/**
 * A random split of each cloud's occupied pillars: ⌊O (1 - maskRatio)⌋ of O are kept. Both lists are filled up with empty pillars to
 * lengths that do for L of them; `keptThere` and `hiddenThere` tell the two apart.
 */
function hiddenPillars(c: GeoMaeConfig, occupied: HostTensor, draws: Draws): HostInputs {
  const [N, L] = occupied.shape as [number, number];
  const K = Math.floor(L * (1 - c.maskRatio));
  const lists = Array.from({ length: N }, (_, n) => {
    const cells = Array.from({ length: L }, (_, i) => i);
    const full = cells.filter((i) => occupied.data[n * L + i] === 1);
    const empty = cells.filter((i) => occupied.data[n * L + i] !== 1);
    const order = Array.from(draws.permutation(full.length), (i) => full[i]!);
    const kept = Math.floor(full.length * (1 - c.maskRatio));
    const [spareK, spareM] = [empty.slice(0, K - kept), empty.slice(K - kept)];
    const flags = (there: number, spare: number) => [...new Array(there).fill(1), ...new Array(spare).fill(0)];
    return {
      idsKeep: [...order.slice(0, kept), ...spareK],
      idsMask: [...order.slice(kept), ...spareM],
      keptThere: flags(kept, spareK.length),
      hiddenThere: flags(full.length - kept, spareM.length),
    };
  });
  const joined = (name: keyof (typeof lists)[number], width: number): HostTensor => ({
    shape: [N, width],
    data: Int32Array.from(lists.flatMap((list) => list[name] as number[])),
  });
  const asFloat = ({ shape, data }: HostTensor): HostTensor => ({ shape, data: Float32Array.from(data) });
  return {
    idsKeep: joined("idsKeep", K),
    idsMask: joined("idsMask", L - K),
    keptThere: asFloat(joined("keptThere", K)),
    hiddenThere: asFloat(joined("hiddenThere", L - K)),
  };
}
