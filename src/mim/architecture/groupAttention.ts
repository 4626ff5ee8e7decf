import { attention } from "../nn/attention.ts";
import { type Params, param } from "../nn/params.ts";
import { add, broadcastTo, embed, gather, mul, reshape, sub, type Tensor, transpose } from "../ops.ts";

/** An arrangement of visible tokens (`windowGroups`) as tensors. */
export interface GroupPlan {
  /** [G · S], the token at each place. */
  readonly idsShuffle: Tensor;
  /** [L], the place of each token. */
  readonly idsUnshuffle: Tensor;
  /** [G, S, S], 1 where one place may attend to the other. */
  readonly open: Tensor;
  /** [G, S, S], row of the relative position table. */
  readonly relative: Tensor;
}

/**
 * Attention among the visible tokens of each window, group by group: x [N, L, D] -> [N, L, D]. GreenMIM, Huang et al. 2022,
 * group_window_attention.py: the bias of relative positions comes from the tokens' own coordinates, and pairs that are not of one
 * window get -100 before the softmax. Parameters `name.qkv`, `name.proj` and `name.relative_position_bias_table`.
 */
export function groupAttention(p: Params, name: string, x: Tensor, plan: GroupPlan, heads: number): Tensor {
  const [N, L, D] = x.shape as [number, number, number];
  const [G, S] = plan.open.shape as [number, number, number];
  const grouped = reshape(gather(x, broadcastTo(plan.idsShuffle, [N, G * S])), [N * G, S, D]);
  const table = param(p, `${name}.relative_position_bias_table`); // [(2 side - 1)², heads]
  const near = reshape(embed(table, reshape(plan.relative, [G * S * S])), [G, S, S, heads]);
  const closed = reshape(mul(sub(plan.open, 1), 100), [G, 1, S, S]);
  const bias = add(transpose(near, [0, 3, 1, 2]), closed); //                          [G, heads, S, S]
  const perSample = reshape(broadcastTo(reshape(bias, [1, G, heads, S, S]), [N, G, heads, S, S]), [N * G, heads, S, S]);
  const attended = reshape(attention(p, name, grouped, { heads, bias: perSample }).x, [N, G * S, D]);
  return gather(attended, broadcastTo(plan.idsUnshuffle, [N, L]));
}
