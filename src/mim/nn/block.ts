import { add, gelu, geluTanh, mul, type Tensor } from "../ops.ts";
import { type AttentionOptions, attention, attentionSpecs, type QkvBias } from "./attention.ts";
import { layerNorm, layerNormSpecs } from "./layerNorm.ts";
import { linear, linearSpecs } from "./linear.ts";
import type { ParamSpecs, Params } from "./params.ts";

export interface BlockOptions extends AttentionOptions {
  /** Of both layer normalisations. */
  readonly eps: number;
  /** Exact GELU (the default), or the cheaper one by tanh. */
  readonly activation?: "gelu" | "geluTanh";
}

/**
 * Transformer block with normalisation first, x [N, L, D] -> [N, L, D]. Dosovitskiy et al. 2021, Eqs. 2-3. Parameters
 * `name.gamma_1` and `name.gamma_2` [D], where present, scale the two branches (layer scale, Touvron et al. 2021).
 */
export function block(p: Params, name: string, x: Tensor, options: BlockOptions): Tensor {
  return blockWithAttention(p, name, x, options).x;
}

/** What a block gives beside its tokens. */
export interface BlockParts {
  /** [N, L, D] */
  readonly x: Tensor;
  /** Attention weights [N, heads, L, L]. */
  readonly weights: Tensor;
  /** What the MLP branch added, [N, L, D]. */
  readonly fed: Tensor;
}

/** As `block`, with its parts. */
export function blockWithAttention(p: Params, name: string, x: Tensor, options: BlockOptions): BlockParts {
  const a = attention(p, `${name}.attn`, layerNorm(p, `${name}.norm1`, x, options.eps), options);
  const attended = add(x, scaled(p, `${name}.gamma_1`, a.x));
  const fed = mlp(p, `${name}.mlp`, layerNorm(p, `${name}.norm2`, attended, options.eps), options.activation);
  const added = scaled(p, `${name}.gamma_2`, fed);
  return { x: add(attended, added), weights: a.weights, fed: added };
}

/** Two linear layers with GELU between: `name.fc1`, `name.fc2`. */
export function mlp(p: Params, name: string, x: Tensor, activation: "gelu" | "geluTanh" = "gelu"): Tensor {
  const hidden = linear(p, `${name}.fc1`, x);
  return linear(p, `${name}.fc2`, activation === "gelu" ? gelu(hidden) : geluTanh(hidden));
}

const scaled = (p: Params, name: string, x: Tensor): Tensor => (p[name] ? mul(x, p[name]) : x);

export interface BlockSpecOptions {
  readonly D: number;
  readonly mlpRatio?: number;
  readonly qkvBias?: QkvBias;
  /** Start of the layer scale; none without it. */
  readonly layerScale?: number;
}

export const blockSpecs = (
  name: string,
  { D, mlpRatio = 4, qkvBias = true, layerScale }: BlockSpecOptions,
): ParamSpecs => ({
  ...layerNormSpecs(`${name}.norm1`, D),
  ...attentionSpecs(`${name}.attn`, D, qkvBias),
  ...layerNormSpecs(`${name}.norm2`, D),
  ...linearSpecs(`${name}.mlp.fc1`, D, Math.round(D * mlpRatio)),
  ...linearSpecs(`${name}.mlp.fc2`, Math.round(D * mlpRatio), D),
  ...(layerScale !== undefined && {
    [`${name}.gamma_1`]: { shape: [D], init: { constant: layerScale } },
    [`${name}.gamma_2`]: { shape: [D], init: { constant: layerScale } },
  }),
});
