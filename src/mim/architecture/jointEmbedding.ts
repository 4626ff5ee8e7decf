/**
 * Encoder and predictor of I-JEPA. Assran et al. 2023, Self-Supervised Learning from Images with a Joint-Embedding
 * Predictive Architecture, §3: the encoder makes tokens of a context block, and a narrow transformer predicts from them what
 * the encoder would make of other places. No class token; positions are fixed.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { add, broadcastTo, concat, gather, mul, onesLike, reshape, slice, sub, type Tensor } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { patchGrid } from "./asymmetricViT.ts";

export interface JointEmbedding {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  readonly predictorDim: number;
  readonly predictorDepth: number;
  readonly predictorHeads: number;
  /** Of every layer normalisation. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
}

/** Patches of one block, int32 [N, K], and which of them count, [N, K], 1 or 0. */
export interface Places {
  readonly ids: Tensor;
  readonly valid: Tensor;
}

const positions = (c: JointEmbedding, D: number) => {
  const { h, w, L } = patchGrid(c);
  return { shape: [1, L, D], init: { values: sinCos2d(D, h, w) }, trainable: false } as const;
};

const stack = (name: string, depth: number, D: number): ParamSpecs =>
  Object.assign({}, ...Array.from({ length: depth }, (_, i) => blockSpecs(`${name}.${i}`, { D })));

export const contextEncoderSpecs = (c: JointEmbedding): ParamSpecs => ({
  pos_embed: positions(c, c.dim),
  ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, c.dim),
  ...stack("blocks", c.depth, c.dim),
  ...layerNormSpecs("norm", c.dim),
});

export const predictorSpecs = (c: JointEmbedding): ParamSpecs => ({
  ...linearSpecs("predictor_embed", c.dim, c.predictorDim),
  mask_token: { shape: [1, 1, c.predictorDim], init: { normal: 0.02 } },
  predictor_pos_embed: positions(c, c.predictorDim),
  ...stack("predictor_blocks", c.predictorDepth, c.predictorDim),
  ...layerNormSpecs("predictor_norm", c.predictorDim),
  ...linearSpecs("predictor_proj", c.predictorDim, c.dim),
});

/** Images [N, C, H, W] -> tokens [N, K, D] of the given places, or [N, L, D] of all. */
export function encodeContext(c: JointEmbedding, p: Params, images: Tensor, places?: Places): Tensor {
  const all = add(patchEmbed(p, "patch_embed.proj", images), param(p, "pos_embed"));
  let x = places ? gather(all, places.ids) : all;
  const bias = places && heeding(places.valid);
  for (let i = 0; i < c.depth; i++) x = block(p, `blocks.${i}`, x, options(c, c.heads, bias));
  return layerNorm(p, "norm", x, c.eps);
}

/** What the context [N, K, D] says of a block of places: [N, M, D]. */
export function predictBlock(c: JointEmbedding, p: Params, context: Tensor, from: Places, to: Places): Tensor {
  const [N, M] = to.ids.shape as [number, number];
  const table = broadcastTo(param(p, "predictor_pos_embed"), [N, patchGrid(c).L, c.predictorDim]);
  const known = add(linear(p, "predictor_embed", context), gather(table, from.ids));
  const asked = add(broadcastTo(param(p, "mask_token"), [N, M, c.predictorDim]), gather(table, to.ids));
  let x = concat([known, asked], 1); // [N, K + M, D']
  const bias = heeding(concat([from.valid, to.valid], 1));
  for (let i = 0; i < c.predictorDepth; i++) {
    x = block(p, `predictor_blocks.${i}`, x, options(c, c.predictorHeads, bias));
  }
  const said = slice(layerNorm(p, "predictor_norm", x, c.eps), 1, context.shape[1] as number);
  return linear(p, "predictor_proj", said);
}

/** Attention bias [N, 1, 1, K] that leaves out places that do not count. */
const heeding = (valid: Tensor): Tensor => {
  const [N, K] = valid.shape as [number, number];
  return reshape(mul(sub(valid, onesLike(valid)), 1e9), [N, 1, 1, K]);
};

const options = (c: JointEmbedding, heads: number, bias?: Tensor) => ({
  heads,
  eps: c.eps,
  ...(bias && { bias }),
  ...(c.activation && { activation: c.activation }),
});
