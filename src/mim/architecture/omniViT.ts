/**
 * One vision transformer for pictures and clips. Girdhar et al. 2023 (OmniMAE), §3; names of the released
 * omnimae/omni_mae_model.py. A picture is a clip of one token in time, its only frame shown as often as a token has frames;
 * weights, positions and decoder are the same for both. Mask tokens join at the encoder's width, before the decoder's
 * embedding. There is no class token.
 */
import { block, blockSpecs } from "../nn/block.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpec, type ParamSpecs, type Params, param } from "../nn/params.ts";
import {
  add,
  broadcastTo,
  concat,
  expandDims,
  gather,
  repeat,
  reshape,
  slice,
  type Tensor,
  transpose,
} from "../ops.ts";
import { sinusoid } from "../positions/sinusoid.ts";
import { cubeGrid, cubeSize, type VideoViT } from "./videoViT.ts";

export interface OmniViT extends VideoViT {
  /** False leaves out the biases of the decoder's queries, keys and values, as the model of the release's hub does. */
  readonly decoderQkvBias: boolean;
}

const PATCHES = "trunk.patch_embed.proj.1"; // 0 repeats the frame of a picture

export function omniSpecs(c: OmniViT): ParamSpecs {
  const table: ParamSpec = {
    shape: [1, cubeGrid(c).L, c.dim],
    init: { values: sinusoid(cubeGrid(c).L, c.dim) },
    trainable: false,
  };
  const blocks = (name: string, depth: number, D: number, qkvBias: boolean): ParamSpecs =>
    Object.assign(
      {},
      ...Array.from({ length: depth }, (_, i) =>
        blockSpecs(`${name}.${i}`, { D, qkvBias, ...(c.mlpRatio && { mlpRatio: c.mlpRatio }) }),
      ),
    );
  return {
    "trunk.mask_token": { shape: [1, c.dim], init: { constant: 0 } },
    "trunk.pos_embed": table,
    ...convolutionSpecs(PATCHES, c.channels, c.dim, [c.tubelet, c.patchSize, c.patchSize]),
    ...blocks("trunk.blocks", c.depth, c.dim, true),
    ...layerNormSpecs("trunk.norm", c.dim),
    "trunk.decoder.pos_embed": table,
    ...linearSpecs("trunk.decoder.decoder_embed", c.dim, c.decoderDim),
    ...blocks("trunk.decoder.decoder_blocks", c.decoderDepth, c.decoderDim, c.decoderQkvBias),
    ...layerNormSpecs("trunk.decoder.norm", c.decoderDim),
    ...linearSpecs("head", c.decoderDim, cubeSize(c)),
  };
}

/** Pictures [N, C, H, W] as clips [N, C, s, H, W] whose frames are all the same; clips as they are. */
export const asClips = (c: OmniViT, x: Tensor): Tensor => (x.ndim === 4 ? repeat(expandDims(x, 2), c.tubelet, 2) : x);

/** Positions of the first tokens of a table, as many as the input has: a picture stands at the first moment. */
const placed = (p: Params, name: string, x: Tensor): Tensor => add(x, slice(param(p, name), 1, 0, x.shape[1]!));

/** Pictures or clips and the tokens to keep, int32 [N, K] (all when absent) -> [N, K, D], normalised. */
export function encodeOmni(c: OmniViT, p: Params, x: Tensor, idsKeep?: Tensor): Tensor {
  const map = convolution(p, PATCHES, asClips(c, x), { stride: [c.tubelet, c.patchSize, c.patchSize] });
  const [N, D] = map.shape as [number, number];
  const tokens = placed(p, "trunk.pos_embed", transpose(reshape(map, [N, D, -1]), [0, 2, 1])); // [N, L, D]
  let y = idsKeep ? gather(tokens, idsKeep) : tokens;
  for (let i = 0; i < c.depth; i++) y = block(p, `trunk.blocks.${i}`, y, { heads: c.heads, eps: c.eps });
  return layerNorm(p, "trunk.norm", y, c.eps);
}

/** Latents [N, K, D] and int32 [N, L], the inverse of the shuffle -> predictions for all tokens, [N, L, s·p²·C]. */
export function decodeOmni(c: OmniViT, p: Params, latent: Tensor, idsRestore: Tensor): Tensor {
  const [N, L] = idsRestore.shape as [number, number];
  const masks = broadcastTo(reshape(param(p, "trunk.mask_token"), [1, 1, c.dim]), [N, L - latent.shape[1]!, c.dim]);
  const whole = placed(p, "trunk.decoder.pos_embed", gather(concat([latent, masks], 1), idsRestore)); // [N, L, D]
  let x = linear(p, "trunk.decoder.decoder_embed", whole); // [N, L, D']
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `trunk.decoder.decoder_blocks.${i}`, x, { heads: c.decoderHeads, eps: c.eps });
  }
  return linear(p, "head", layerNorm(p, "trunk.decoder.norm", x, c.eps));
}
