/**
 * SparseMAE. Zhou et al. 2023, SparseMAE: Sparse Training Meets Masked Autoencoders. First stage, sparse pre-training:
 *
 *   1  B_l = the weights of largest magnitude in each matrix W_l of a full encoder, selected anew every ΔT steps
 *   2  I_v = mask(P), random, the same for both networks                                    [N, K]
 *   3  P̂ = MAE with the full weights W                                                      [N, L, p²C]
 *   4  P̂_s = MAE with B_l ⊙ W_s in place of each W_l; dropped weights get gradients too      [N, L, p²C]
 *   5  loss = mean square of P̂ over I_m + mean square of P̂_s over I_m                       []
 *
 * Afterwards the sparse network alone is used: `encode` is its encoder.
 *
 * No code is released (the repository aojunzz/SparseMAE holds a README), and the paper's text was not at hand: abstract and survey
 * (§3.6) say that a small sub-network is pruned dynamically from ViT-Base during pre-training, that it lies inside the full network,
 * that each has weights of its own, and that both restore the same patches. Ours are: magnitude as criterion, unstructured and by matrix;
 * topology by the full network's weights; matrices of the encoder's blocks alone made sparse; one decoder for both; values of its own from the start; equal weights of the
 * two losses; and all sizes of the toy preset. `weights: "shared"` gives the other reading, B_l ⊙ W. The second stage, in which the
 * topology goes on adapting while the sparse network learns a task, needs a task and is left out.
 */
import { decode, encode, encoderSpecs, pooled } from "../architecture/asymmetricViT.ts";
import { keptWeights, largestInGraph, largestWeights, straightThrough } from "../architecture/weightTopology.ts";
import type { HostInputs, Inputs, Method } from "../method.ts";
import { type HostParams, type Params, param, prefixed, under } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { abs, add, mul } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface SparseMaeConfig extends MaeConfig {
  /** Share of each matrix's weights that the sparse network keeps. */
  readonly density: number;
  /** ΔT, steps from one selection to the next. */
  readonly interval: number;
  /** Whether the sparse network has values of its own, W_s, or the full one's. */
  readonly weights: "separate" | "shared";
}

const SPARSE = "sparse.";
const TOPOLOGY = "topology.";
const MAGNITUDE = "magnitude.";

/** The matrices that are made sparse. */
const matrices = (c: SparseMaeConfig): string[] =>
  Array.from({ length: c.depth }, (_, i) =>
    ["attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"].map((layer) => `blocks.${i}.${layer}.weight`),
  ).flat();

/** The sparse network's own values: all that is trained in the encoder. */
const ownSpecs = (c: SparseMaeConfig) =>
  Object.fromEntries(Object.entries(encoderSpecs(c)).filter(([, { trainable }]) => trainable !== false));

/** Parameters of the sparse network under MAE's names. */
function sparseParams(c: SparseMaeConfig, p: Params, topology: Params): Params {
  const values = c.weights === "separate" ? { ...p, ...under(p, SPARSE) } : p;
  const masked = matrices(c).map((name) => [name, straightThrough(param(values, name), topology[name]!)]);
  return { ...values, ...Object.fromEntries(masked) };
}

/** B of host weights, by matrix. */
const selected = (c: SparseMaeConfig, weights: (name: string) => HostInputs[string]): HostParams =>
  Object.fromEntries(
    matrices(c).map((name) => {
      const { shape, data } = weights(name);
      return [TOPOLOGY + name, { shape, data: largestWeights(data, keptWeights(data.length, c.density)) }];
    }),
  );

export const sparseMae: Method<SparseMaeConfig> = {
  ...mae,
  id: "sparsemae",
  title: "SparseMAE",
  paper: "zhou2023sparsemae",
  source: "Zhou et al. 2023, abstract; survey §3.6",
  algorithm: null,
  recipe: {
    ...mae.recipe,
    objective: {
      file: "objective/l2",
      does: "mean square over the masked patches, of the full and of the sparse network",
    },
    architecture: {
      file: "architecture/weightTopology",
      does: "MAE's encoder, and inside it a network of its largest weights, selected again and again",
    },
  },
  published: {
    fullNetwork: { value: "ViT-Base", source: "abstract" },
    boxes: { value: "47.1 box and 42.0 mask mAP on COCO, ViT-Tiny", source: "survey, Table 3" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/sparseMae.test.ts" },
  toy: {
    ...mae.toy,
    steps: 800,
    config: { ...mae.toy.config, density: 0.5, interval: 10, weights: "separate" },
  },
  specs: (c) => ({ ...mae.specs(c), ...(c.weights === "separate" && prefixed(SPARSE, ownSpecs(c))) }),
  state: {
    init: (c, params) => selected(c, (name) => params[name]!),
    update: (_, __, ___, inputs) => prefixed(TOPOLOGY, under(inputs, TOPOLOGY)),
  },
  guide: (c, p, _, state) => ({
    ...Object.fromEntries(Object.entries(state).map(([name, topology]) => [name, mul(topology, 1)])), // the engine does not hand back what it was given
    ...Object.fromEntries(matrices(c).map((name) => [MAGNITUDE + name, abs(param(p, name))])),
  }),
  prepare: (c, batch, draws, progress, guide) => ({
    ...mae.prepare(c, batch, draws, progress), //                                               2
    ...(progress.step % c.interval === 0
      ? selected(c, (name) => guide![MAGNITUDE + name]!) //                                     1
      : prefixed(TOPOLOGY, under(guide!, TOPOLOGY))),
  }),
  evaluate: (c, p, inputs) => {
    const P = patchify(inputs.images!, c.patchSize); //                                         [N, L, p²C]
    const target = c.normalizedTarget ? normalizedPixels(P) : P;
    const full = restored(c, p, inputs); //                                              3      [N, L, p²C]
    const { pred, latent } = restored(c, sparseParams(c, p, under(inputs, TOPOLOGY)), inputs); // 4
    const ofFull = maskedMean(l2(full.pred, target), inputs.mask!);
    const ofSparse = maskedMean(l2(pred, target), inputs.mask!);
    const loss = add(ofFull, ofSparse); //                                               5      []
    return { loss, outputs: { pred, latent, fullPred: full.pred, ofFull, ofSparse } };
  },
  encode: (c, p, { images }) => {
    const topology = matrices(c).map((name) => {
      const W = param(p, name);
      const size = W.shape.reduce((a, b) => a * b, 1);
      return [name, largestInGraph(W, keptWeights(size, c.density))] as const;
    });
    return pooled(c, encode(c, sparseParams(c, p, Object.fromEntries(topology)), images!).latent);
  },
};

function restored(c: SparseMaeConfig, p: Params, { images, idsKeep, idsRestore }: Inputs) {
  const { latent } = encode(c, p, images!, idsKeep!);
  return { latent, pred: decode(c, p, latent, idsRestore!).pred };
}
