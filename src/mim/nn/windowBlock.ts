import { add, broadcastTo, type DType, expandDims, reshape, roll, type Tensor } from "../ops.ts";
import { relativeBias, relativeBiasSpecs } from "../positions/relative.ts";
import { attention } from "./attention.ts";
import { mlp } from "./block.ts";
import { layerNorm } from "./layerNorm.ts";
import type { ParamSpecs, Params } from "./params.ts";
import { fromWindows, shiftedWindowBias, toWindows } from "./windows.ts";

export interface WindowBlockOptions {
  /** Side of a window in tokens. */
  readonly s: number;
  /** By how many tokens the windows are shifted; 0 leaves them in place. */
  readonly shift: number;
  readonly heads: number;
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
  /** Added to the attention of each window, [nW, 1, s², s²]. */
  readonly bias?: Tensor;
}

/**
 * Transformer block on a map [N, h, w, D] whose attention stays inside square windows, with a table of relative positions
 * `name.attn.relative_position_bias_table`. Swin, Liu et al. 2021, §3.2, Eq. 3.
 */
export function windowBlock(p: Params, name: string, x: Tensor, options: WindowBlockOptions): Tensor {
  const { s, shift, heads, eps } = options;
  const [, h, w, D] = x.shape as [number, number, number, number];
  const normed = layerNorm(p, `${name}.norm1`, x, eps);
  const windows = toWindows(shift ? roll(normed, [-shift, -shift], [1, 2]) : normed, s); // [N·nW, s², D]
  const bias = windowBias(p, name, windows, options, [h, w]);
  const attended = fromWindows(attention(p, `${name}.attn`, windows, { heads, bias }).x, s, h, w);
  const back = add(x, shift ? roll(attended, [shift, shift], [1, 2]) : attended);
  const fed = mlp(
    p,
    `${name}.mlp`,
    reshape(layerNorm(p, `${name}.norm2`, back, eps), [-1, h * w, D]),
    options.activation,
  );
  return add(back, reshape(fed, back.shape));
}

/** Relative positions [heads, s², s²], or with what differs from window to window [N·nW, heads, s², s²]. */
function windowBias(
  p: Params,
  name: string,
  windows: Tensor,
  { s, shift, heads, bias }: WindowBlockOptions,
  [h, w]: readonly [number, number],
): Tensor {
  const relative = relativeBias(p, tableOf(name), { h: s, w: s });
  const shifted = shift ? expandDims(shiftedWindowBias(h, w, s, shift, windows.dtype as DType), 1) : undefined;
  const own = shifted && bias ? add(shifted, bias) : (shifted ?? bias);
  if (!own) return relative;
  const [many, M] = windows.shape as [number, number];
  const nW = (h * w) / M;
  return reshape(broadcastTo(add(relative, own), [many / nW, nW, heads, M, M]), [many, heads, M, M]);
}

const tableOf = (name: string) => `${name}.attn.relative_position_bias_table`;

export const windowTableSpecs = (name: string, s: number, heads: number): ParamSpecs =>
  relativeBiasSpecs(tableOf(name), { h: s, w: s }, heads);
