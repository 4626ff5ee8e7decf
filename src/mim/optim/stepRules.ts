import type { ParamSpecs } from "../nn/params.ts";
import type { StepRules } from "./optimizer.ts";

export interface StepRuleOptions {
  readonly weightDecay: number;
  /** Names that do not decay though they have two or more axes, such as `cls_token`. */
  readonly noDecay?: readonly string[];
  readonly layerDecay?: LayerDecay;
}

/** Layer-wise decay of the learning rate. BEiT, appendix; MAE's util/lr_decay.py. */
interface LayerDecay {
  /** Of the rate of one layer over that of the layer above it. */
  readonly factor: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Parameters that belong to the embedding beside `patch_embed`; BEiT adds its `mask_token`. */
  readonly embeddings?: readonly string[];
}

/**
 * How each trained parameter is stepped. Vectors (biases, normalisations, layer scales) never decay. With layer decay the
 * embedding is layer 0, `blocks.i` layer i + 1, and all else the last layer depth + 1, at the full learning rate.
 */
export function stepRules(specs: ParamSpecs, { weightDecay, noDecay = [], layerDecay }: StepRuleOptions): StepRules {
  const trained = Object.entries(specs).filter(([, spec]) => spec.trainable !== false);
  return Object.fromEntries(
    trained.map(([name, { shape }]) => [
      name,
      {
        lrScale: layerDecay ? layerDecay.factor ** (layerDecay.depth + 1 - layerOf(name, layerDecay)) : 1,
        weightDecay: shape.length === 1 || name.endsWith(".bias") || noDecay.includes(name) ? 0 : weightDecay,
      },
    ]),
  );
}

function layerOf(name: string, { depth, embeddings = ["cls_token", "pos_embed"] }: LayerDecay): number {
  if (embeddings.includes(name) || name.startsWith("patch_embed")) return 0;
  const block = /^blocks\.(\d+)\./.exec(name);
  return block ? Number(block[1]) + 1 : depth + 1;
}
