/**
 * Asymmetric transformer of point patches. Pang et al. 2022, §3.2: the encoder sees the visible patches alone; mask
 * tokens enter at the decoder; the embedding of a patch's centre is added before every block.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, broadcastTo, concat, gelu, slice, type Tensor } from "../ops.ts";
import { type MiniPointNet, miniPointNetSpecs } from "./miniPointNet.ts";

export interface PointTransformer extends MiniPointNet {
  /** Patches of a cloud and points of a patch. */
  readonly groups: number;
  readonly groupSize: number;
  readonly depth: number;
  readonly heads: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  /** Hidden width of the two-layer embedding of centres; 128 in the released code. */
  readonly positionHidden: number;
  /** Of every layer normalisation. */
  readonly eps: number;
}

const blocks = (name: string, D: number, depth: number): ParamSpecs =>
  Object.assign({}, ...Array.from({ length: depth }, (_, i) => blockSpecs(`${name}.${i}`, { D, qkvBias: false })));

const positionSpecs = (name: string, c: PointTransformer): ParamSpecs => ({
  ...linearSpecs(`${name}.0`, 3, c.positionHidden),
  ...linearSpecs(`${name}.2`, c.positionHidden, c.dim),
});

export const pointEncoderSpecs = (c: PointTransformer): ParamSpecs => ({
  ...miniPointNetSpecs("MAE_encoder.encoder", c),
  ...positionSpecs("MAE_encoder.pos_embed", c),
  ...blocks("MAE_encoder.blocks.blocks", c.dim, c.depth),
  ...layerNormSpecs("MAE_encoder.norm", c.dim),
});

export const pointDecoderSpecs = (c: PointTransformer): ParamSpecs => ({
  mask_token: { shape: [1, 1, c.dim], init: { normal: 0.02 } },
  ...positionSpecs("decoder_pos_embed", c),
  ...blocks("MAE_decoder.blocks", c.dim, c.decoderDepth),
  ...layerNormSpecs("MAE_decoder.norm", c.dim),
});

/** Centres [N, K, 3] -> [N, K, D]. */
const positions = (p: Params, name: string, centres: Tensor): Tensor =>
  linear(p, `${name}.2`, gelu(linear(p, `${name}.0`, centres)));

/** Tokens and their centres, [N, K, D] and [N, K, 3] -> latents [N, K, D]. */
export function encodePatches(c: PointTransformer, p: Params, tokens: Tensor, centres: Tensor): Tensor {
  const at = positions(p, "MAE_encoder.pos_embed", centres);
  let x = tokens;
  for (let i = 0; i < c.depth; i++) {
    x = block(p, `MAE_encoder.blocks.blocks.${i}`, add(x, at), { heads: c.heads, eps: c.eps });
  }
  return layerNorm(p, "MAE_encoder.norm", x, c.eps);
}

/** Latents [N, K, D] with their centres, and the hidden centres [N, M, 3] -> decoded mask tokens [N, M, D]. */
export function decodePatches(
  c: PointTransformer,
  p: Params,
  latent: Tensor,
  centres: Tensor,
  hiddenCentres: Tensor,
): Tensor {
  const [N, K, D] = latent.shape as [number, number, number];
  const M = hiddenCentres.shape[1]!;
  const at = positions(p, "decoder_pos_embed", concat([centres, hiddenCentres], 1));
  let x = concat([latent, broadcastTo(param(p, "mask_token"), [N, M, D])], 1);
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `MAE_decoder.blocks.${i}`, add(x, at), { heads: c.decoderHeads, eps: c.eps });
  }
  return layerNorm(p, "MAE_decoder.norm", slice(x, 1, K, K + M), c.eps);
}
