/**
 * Decoder of SiamMAE, Gupta et al. 2023, its cross-self kind: the tokens of a frame that is to be restored, mask tokens among them, look at
 * another frame's, then at one another. The other frame's tokens stay as they are. There is no release; names are MAE's.
 */
import { attention, attentionSpecs } from "../nn/attention.ts";
import { mlp } from "../nn/block.ts";
import { crossAttention, crossAttentionSpecs } from "../nn/crossAttention.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { add, slice, type Tensor } from "../ops.ts";
import { type AsymmetricViT, decoderSpecs, decoderTokens } from "./asymmetricViT.ts";

export function siameseDecoderSpecs(c: AsymmetricViT): ParamSpecs {
  const D = c.decoderDim;
  const hidden = Math.round(D * (c.mlpRatio ?? 4));
  const block = (name: string): ParamSpecs => ({
    ...layerNormSpecs(`${name}.norm1`, D),
    ...crossAttentionSpecs(`${name}.cross_attn`, D, D),
    ...layerNormSpecs(`${name}.norm2`, D),
    ...attentionSpecs(`${name}.attn`, D),
    ...layerNormSpecs(`${name}.norm3`, D),
    ...linearSpecs(`${name}.mlp.fc1`, D, hidden),
    ...linearSpecs(`${name}.mlp.fc2`, hidden, D),
  });
  return {
    ...decoderSpecs({ ...c, decoderDepth: 0 }),
    ...layerNormSpecs("decoder_context_norm", D),
    ...Object.assign({}, ...Array.from({ length: c.decoderDepth }, (_, i) => block(`decoder_blocks.${i}`))),
  };
}

/**
 * Patches of the second frame from the latents of the first [N, 1 + L, D], whole, and of the second [N, 1 + K, D], with the inverse of its
 * shuffle int32 [N, L] -> [N, L, p²C].
 */
export function decodeSiamese(c: AsymmetricViT, p: Params, first: Tensor, second: Tensor, idsRestore: Tensor): Tensor {
  const norm = (name: string, x: Tensor) => layerNorm(p, name, x, c.eps);
  const seen = norm("decoder_context_norm", decoderTokens(c, p, first).tokens); // [N, 1 + L, D']
  let x = decoderTokens(c, p, second, idsRestore).tokens; // [N, 1 + L, D']
  for (let i = 0; i < c.decoderDepth; i++) {
    const own = `decoder_blocks.${i}`;
    x = add(x, crossAttention(p, `${own}.cross_attn`, norm(`${own}.norm1`, x), seen, c.decoderHeads).x);
    x = add(x, attention(p, `${own}.attn`, norm(`${own}.norm2`, x), { heads: c.decoderHeads }).x);
    x = add(x, mlp(p, `${own}.mlp`, norm(`${own}.norm3`, x), c.activation));
  }
  return slice(linear(p, "decoder_pred", norm("decoder_norm", x)), 1, c.classToken === false ? 0 : 1);
}
