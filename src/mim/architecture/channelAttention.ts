import { scaledDotProduct } from "../nn/attention.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, mean, mul, reshape, select, sigmoid, type Tensor, transpose } from "../ops.ts";

export interface ChannelAttention {
  readonly channels: number;
  /** Width of a channel's token. */
  readonly dim: number;
  readonly heads: number;
  readonly headDim: number;
}

export const channelAttentionSpecs = (name: string, c: ChannelAttention): ParamSpecs => ({
  [`${name}.pos_embedding`]: { shape: [1, c.channels, c.dim], init: { normal: 1 } },
  ...linearSpecs(`${name}.projection`, 1, c.dim),
  ...linearSpecs(`${name}.mha.to_qkv`, c.dim, 3 * c.heads * c.headDim, { bias: false }),
  ...linearSpecs(`${name}.mha.to_out.0`, c.heads * c.headDim, c.dim),
});

/**
 * Channel gates by a transformer: each channel's mean becomes a token, tokens attend to one another across channels, and
 * the sigmoid of a token's mean scales its channel. Madan et al. 2024, §3. x [N, C, ...] -> scaled x and gates [N, C].
 */
export function channelAttention(
  c: ChannelAttention,
  p: Params,
  name: string,
  x: Tensor,
): { readonly x: Tensor; readonly gates: Tensor } {
  const [N, C, ...spatial] = x.shape as [number, number, ...number[]];
  const pooled = mean(reshape(x, [N, C, -1]), -1, { keepdims: true }); // [N, C, 1]
  const tokens = add(linear(p, `${name}.projection`, pooled), param(p, `${name}.pos_embedding`)); // [N, C, dim]
  const qkv = reshape(linear(p, `${name}.mha.to_qkv`, tokens), [N, C, 3, c.heads, c.headDim]);
  const [q, k, v] = [0, 1, 2].map((i) => select(transpose(qkv, [2, 0, 3, 1, 4]), 0, i)) as [Tensor, Tensor, Tensor];
  const mixed = transpose(scaledDotProduct(q, k, v).y, [0, 2, 1, 3]); // [N, C, heads, headDim]
  const attended = linear(p, `${name}.mha.to_out.0`, reshape(mixed, [N, C, -1])); // [N, C, dim]
  const gates = sigmoid(mean(attended, -1)); // [N, C]
  return { x: mul(x, reshape(gates, [N, C, ...spatial.map(() => 1)])), gates };
}
