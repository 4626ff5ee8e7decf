/**
 * Transformer of captions. Radford et al. 2021 (CLIP), §2.4; names of the text side of OpenAI's checkpoints and of SLIP's
 * and RILS's. A token sees those before it alone, so that the caption's end is the one that has read it all.
 */
import { attention } from "../nn/attention.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param, under } from "../nn/params.ts";
import { add, type DType, embed, gather, matmul, mul, reshape, sigmoid, type Tensor, tensor } from "../ops.ts";

export interface TextTransformer {
  readonly vocabulary: number;
  /** Tokens of a caption, start, end and padding included. */
  readonly contextLength: number;
  readonly textDim: number;
  readonly textDepth: number;
  readonly textHeads: number;
  /** Width E of the space that captions share with images. */
  readonly embedDim: number;
}

const EPS = 1e-5; // PyTorch's default, which CLIP keeps

const blockName = (i: number): string => `transformer.resblocks.${i}`;

export function textTransformerSpecs(c: TextTransformer): ParamSpecs {
  const D = c.textDim;
  const narrow = D ** -0.5 * (2 * c.textDepth) ** -0.5;
  const weights = (name: string, inner: number, out: number, deviation: number): ParamSpecs => ({
    ...linearSpecs(name, inner, out),
    [`${name}.weight`]: { shape: [out, inner], init: { normal: deviation } },
  });
  const block = (name: string): ParamSpecs => ({
    [`${name}.attn.in_proj_weight`]: { shape: [3 * D, D], init: { normal: D ** -0.5 } },
    [`${name}.attn.in_proj_bias`]: { shape: [3 * D], init: { constant: 0 } },
    ...weights(`${name}.attn.out_proj`, D, D, narrow),
    ...layerNormSpecs(`${name}.ln_1`, D),
    ...weights(`${name}.mlp.c_fc`, D, 4 * D, (2 * D) ** -0.5),
    ...weights(`${name}.mlp.c_proj`, 4 * D, D, narrow),
    ...layerNormSpecs(`${name}.ln_2`, D),
  });
  return {
    "token_embedding.weight": { shape: [c.vocabulary, D], init: { normal: 0.02 } },
    positional_embedding: { shape: [c.contextLength, D], init: { normal: 0.01 } },
    ...Object.assign({}, ...Array.from({ length: c.textDepth }, (_, i) => block(blockName(i)))),
    ...layerNormSpecs("ln_final", D),
    text_projection: { shape: [D, c.embedDim], init: { normal: D ** -0.5 } },
  };
}

/** Captions int32 [N, W] and the place of each one's end, int32 [N, 1] -> [N, E], not normalised. */
export function encodeText(c: TextTransformer, p: Params, tokens: Tensor, ends: Tensor): Tensor {
  const N = tokens.shape[0]!;
  let x = add(embed(param(p, "token_embedding.weight"), tokens), param(p, "positional_embedding")); // [N, W, D]
  const bias = causal(c.contextLength, x.dtype as DType);
  for (let i = 0; i < c.textDepth; i++) x = block(p, blockName(i), x, c.textHeads, bias);
  const last = reshape(gather(layerNorm(p, "ln_final", x, EPS), ends), [N, c.textDim]); // [N, D]
  return matmul(last, param(p, "text_projection"));
}

function block(p: Params, name: string, x: Tensor, heads: number, bias: Tensor): Tensor {
  const own = under(p, `${name}.attn.`);
  const named = {
    "attn.qkv.weight": param(own, "in_proj_weight"),
    "attn.qkv.bias": param(own, "in_proj_bias"),
    "attn.proj.weight": param(own, "out_proj.weight"),
    "attn.proj.bias": param(own, "out_proj.bias"),
  };
  const mixed = add(x, attention(named, "attn", layerNorm(p, `${name}.ln_1`, x, EPS), { heads, bias }).x);
  const hidden = linear(p, `${name}.mlp.c_fc`, layerNorm(p, `${name}.ln_2`, mixed, EPS));
  return add(mixed, linear(p, `${name}.mlp.c_proj`, quickGelu(hidden)));
}

/** x σ(1.702 x), the sigmoid's stand-in for GELU. Hendrycks and Gimpel 2016, §2. */
const quickGelu = (x: Tensor): Tensor => mul(x, sigmoid(mul(x, 1.702)));

/** [1, 1, W, W], so low where a token would look ahead that the softmax gives 0. */
function causal(W: number, dtype: DType): Tensor {
  const ahead = Float64Array.from({ length: W * W }, (_, i) => (i % W > Math.floor(i / W) ? -1e9 : 0));
  return tensor(ahead, [1, 1, W, W], dtype);
}
