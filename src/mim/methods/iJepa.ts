/**
 * I-JEPA. Assran et al. 2023, Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture, §3.
 * Survey §2.1, Algorithm 1 with features for pixels and blocks of them for patches:
 *
 *   1  four target blocks, and one large context block without their patches           places
 *   2  S = target encoder on the whole image, each token to mean 0 and variance 1       [N, L, D]
 *   3  C = encoder on the context block alone                                           [N, K, D]
 *   4  for each target block: Ŝ = predictor of C and a mask token for every place       [N, M, D]
 *   5  loss = mean smooth L1 between Ŝ and S over the target blocks                     []
 *   6  the target encoder follows the encoder by a running mean
 *
 * Lists of places are filled up to one length, and what fills them is left out of attention and loss.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import {
  contextEncoderSpecs,
  encodeContext,
  type JointEmbedding,
  type Places,
  predictBlock,
  predictorSpecs,
} from "../architecture/jointEmbedding.ts";
import { type MultiBlockOptions, multiBlockMasking } from "../masking/multiBlock.ts";
import { paddedIds } from "../masking/paddedIds.ts";
import type { HostTensor, Inputs, Method } from "../method.ts";
import { standardize } from "../nn/layerNorm.ts";
import { prefixed, under } from "../nn/params.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { smoothL1 } from "../objective/smoothL1.ts";
import { concat, gather, mean, stopGradient } from "../ops.ts";
import { line } from "../schedule/line.ts";
import { namedTeacher } from "../state/namedTeacher.ts";

export interface IJepaConfig extends JointEmbedding {
  readonly blocks: MultiBlockOptions;
  /** The target encoder's decay at the first step; it ends at 1. */
  readonly momentum: number;
}

const TARGET = "target_encoder.";
const teacher = namedTeacher(TARGET);

export const iJepa: Method<IJepaConfig> = {
  id: "i_jepa",
  title: "I-JEPA",
  paper: null,
  source: "Assran et al. 2023, §3; survey §2.1",
  recipe: {
    masking: { file: "masking/multiBlock", does: "four target blocks, and a context block without them" },
    target: { file: "state/namedTeacher", does: "the momentum encoder's tokens of the target blocks" },
    objective: { file: "objective/smoothL1", does: "smooth L1 over the target blocks" },
    architecture: { file: "architecture/jointEmbedding", does: "encoder on the context block, narrow predictor" },
  },
  published: {
    blocks: {
      value: "4 targets of 15 to 20 %, aspect 0.75 to 1.5; context of 85 to 100 %",
      source: "facebookresearch/ijepa, configs/in1k_vith14_ep300.yaml",
    },
    predictor: { value: "12 blocks, 384 wide", source: "facebookresearch/ijepa, configs/in1k_vith14_ep300.yaml" },
    momentum: { value: "0.996 to 1", source: "facebookresearch/ijepa, configs/in1k_vith14_ep300.yaml" },
    learningRate: { value: "1e-3 at batch 2048", source: "facebookresearch/ijepa, configs/in1k_vith14_ep300.yaml" },
    epochs: { value: "300 (ViT-H/14)", source: "facebookresearch/ijepa, configs/in1k_vith14_ep300.yaml" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/iJepa.test.ts" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 800,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      predictorDim: 32,
      predictorDepth: 1,
      predictorHeads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      blocks: {
        targets: 3,
        targetScale: [0.25, 0.4],
        targetAspect: [0.75, 1.5],
        contexts: 1,
        contextScale: [0.85, 1],
        minKeep: 1,
        allowOverlap: false,
      },
      momentum: 0.96,
    },
  },
  specs: (c) => ({ ...prefixed("encoder.", contextEncoderSpecs(c)), ...prefixed("predictor.", predictorSpecs(c)) }),
  state: {
    init: (_, params) => teacher.init(under(params, "encoder.")),
    update: (_, state, params, { momentum }) => teacher.update(state, under(params, "encoder."), momentum!),
  },
  prepare: (c, { images }, draws, { step, steps }) => {
    const { h, w, L } = patchGrid(c);
    const N = images!.shape[0]!;
    const { context, target } = multiBlockMasking(draws, N, [h, w], c.blocks); //                   1
    const width = Math.min(L, largestBlock(L, c.blocks.targetScale[1], c.blocks.targetAspect));
    return {
      images: images!,
      ...placesAs("context", context, N, (h - 1) * (w - 1)),
      ...placesAs("target", target, N, width),
      momentum: { shape: [], data: Float64Array.of(line(step, c.momentum, 1, steps)) },
    };
  },
  evaluate: (c, p, inputs, state) => {
    const { images } = inputs;
    const whole = encodeContext(c, under(state, TARGET), images!);
    const S = stopGradient(standardize(whole, 1e-5)); //                                     2  [N, L, D]
    const contexts = placesOf(inputs, "context", c.blocks.contexts);
    const targets = placesOf(inputs, "target", c.blocks.targets);
    const made = contexts.map((places) => encodeContext(c, under(p, "encoder."), images!, places)); // 3 [N, K, D]
    const pairs = targets.flatMap((to) => contexts.map((from, k) => ({ to, from, context: made[k]! })));
    const pred = concat(
      //                                                                     [pairs · N, M, D]
      pairs.map(({ to, from, context }) => predictBlock(c, under(p, "predictor."), context, from, to)), // 4
      0,
    );
    const target = concat(
      pairs.map(({ to }) => gather(S, to.ids)),
      0,
    );
    const valid = concat(
      pairs.map(({ to }) => to.valid),
      0,
    );
    const loss = maskedMean(mean(smoothL1(pred, target), -1), valid); //                     5  []
    return { loss, outputs: { pred, target } };
  },
  encode: (c, p, { images }) => mean(encodeContext(c, under(p, "encoder."), images!), 1),
};

/** Most patches that a block of the largest scale can have, sides rounded. */
function largestBlock(L: number, scale: number, aspects: readonly [number, number]): number {
  const sizes = aspects.map(
    (aspect) => (Math.sqrt(L * scale * aspect) + 0.5) * (Math.sqrt((L * scale) / aspect) + 0.5),
  );
  return Math.floor(Math.max(...sizes));
}

function placesAs(name: string, blocks: readonly Int32Array[], N: number, width: number): Record<string, HostTensor> {
  return Object.assign(
    {},
    ...blocks.map((lists, k) => {
      const { ids, valid } = paddedIds(lists, N, width);
      return { [`${name}${k}`]: ids, [`${name}${k}Valid`]: valid };
    }),
  );
}

const placesOf = (inputs: Inputs, name: string, count: number): Places[] =>
  Array.from({ length: count }, (_, k) => ({ ids: inputs[`${name}${k}`]!, valid: inputs[`${name}${k}Valid`]! }));
