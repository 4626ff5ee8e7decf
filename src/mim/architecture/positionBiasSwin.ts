/**
 * Swin transformer whose attention bias is computed from where tokens lie, so that a map may be squeezed or grow. UM-MAE, Li et
 * al. 2022, models_mae_swin.py and models_swin.py: each token carries its row and column; a small network of the logarithms of
 * their differences gives the bias of every pair, in windows of any size.
 */
import { attention } from "../nn/attention.ts";
import { blockSpecs, mlp } from "../nn/block.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { fromWindows, shiftedWindowBias, toWindows } from "../nn/windows.ts";
import {
  abs,
  add,
  broadcastTo,
  type DType,
  log,
  mul,
  relu,
  reshape,
  roll,
  select,
  sign,
  sub,
  type Tensor,
  transpose,
} from "../ops.ts";

export interface PositionBiasSwin {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  /** Width of the first stage; it doubles from stage to stage. */
  readonly dim: number;
  /** Blocks and heads of each stage. */
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  /** Side of a window in tokens; a smaller map is one window and is not shifted. */
  readonly window: number;
  /** Width of the network that makes biases. */
  readonly biasDim: number;
  /** Of the layer normalisations outside the blocks; those inside have 1e-5, as released. */
  readonly eps: number;
  readonly activation?: "gelu" | "geluTanh";
}

/** PyTorch's default, which the released blocks keep. */
const BLOCK_EPS = 1e-5;

/** Width of the last stage. */
export const lastSwinDim = (c: PositionBiasSwin): number => c.dim * 2 ** (c.depths.length - 1);

export function positionBiasSwinSpecs(c: PositionBiasSwin): ParamSpecs {
  return {
    ...patchEmbedSpecs("patch_embed.proj", c.channels, c.patchSize, c.patchSize, c.dim),
    ...layerNormSpecs("patch_embed.norm", c.dim),
    ...Object.assign(
      {},
      ...blocksOf(c).map(({ name, D, heads, merges }) => ({
        ...blockSpecs(name, { D }),
        ...convolutionSpecs(`${name}.attn.posmlp.0`, 2, c.biasDim, [1, 1]),
        ...convolutionSpecs(`${name}.attn.posmlp.2`, c.biasDim, heads, [1, 1]),
        ...(merges && {
          ...layerNormSpecs(`${name}.downsample.norm`, D / 2),
          ...convolutionSpecs(`${name}.downsample.proj`, D / 2, D, [2, 2]),
        }),
      })),
    ),
    ...layerNormSpecs("norm", lastSwinDim(c)),
  };
}

/** The blocks in a row; the first one of a later stage merges tokens before it attends. */
function blocksOf(c: PositionBiasSwin) {
  return c.depths
    .flatMap((depth, stage) => Array.from({ length: depth }, (_, j) => ({ stage, j })))
    .map(({ stage, j }, i) => ({
      name: `blocks.${i}`,
      D: c.dim * 2 ** stage,
      heads: c.heads[stage]!,
      shifted: j % 2 === 1,
      merges: stage > 0 && j === 0,
    }));
}

/**
 * Tokens x [N, h, w, D] and their rows and columns [N or 1, h, w, 2] -> the last map, [N, h', w', D'], normalised. `window` is the
 * side of a window where it is not the configuration's.
 */
export function positionBiasBlocks(
  c: PositionBiasSwin,
  p: Params,
  x: Tensor,
  positions: Tensor,
  window = c.window,
): Tensor {
  let [map, places] = [x, positions];
  for (const { name, heads, shifted, merges } of blocksOf(c)) {
    if (merges) {
      map = mergeTokens(p, `${name}.downsample`, map, c.eps);
      places = halved(places);
    }
    map = positionBiasBlock(c, p, name, map, places, { heads, window, shifted });
  }
  return layerNorm(p, "norm", map, c.eps);
}

interface Windows {
  readonly heads: number;
  readonly window: number;
  readonly shifted: boolean;
}

function positionBiasBlock(
  c: PositionBiasSwin,
  p: Params,
  name: string,
  x: Tensor,
  positions: Tensor,
  { heads, window, shifted }: Windows,
): Tensor {
  const [N, h, w, D] = x.shape as [number, number, number, number];
  const s = Math.min(window, h, w);
  const shift = shifted && Math.min(h, w) > window ? Math.floor(window / 2) : 0;
  const rolled = (map: Tensor, by: number) => (shift ? roll(map, [by, by], [1, 2]) : map);
  const windows = toWindows(rolled(layerNorm(p, `${name}.norm1`, x, BLOCK_EPS), -shift), s); // [N · nW, s², D]
  const [nW, M] = [(h * w) / s ** 2, s * s];
  const near = pairBias(p, `${name}.attn.posmlp`, toWindows(rolled(positions, -shift), s)); // [(N or 1) · nW, heads, M, M]
  const perWindow = reshape(near, [positions.shape[0]!, nW, heads, M, M]);
  const closed = shift ? reshape(shiftedWindowBias(h, w, s, shift, x.dtype as DType), [1, nW, 1, M, M]) : undefined;
  const bias = reshape(broadcastTo(closed ? add(perWindow, closed) : perWindow, [N, nW, heads, M, M]), [
    -1,
    heads,
    M,
    M,
  ]);
  const attended = rolled(fromWindows(attention(p, `${name}.attn`, windows, { heads, bias }).x, s, h, w), shift);
  const back = add(x, attended);
  const fed = mlp(
    p,
    `${name}.mlp`,
    reshape(layerNorm(p, `${name}.norm2`, back, BLOCK_EPS), [N, h * w, D]),
    c.activation,
  );
  return add(back, reshape(fed, x.shape));
}

/** Bias of each pair of a window's tokens from their rows and columns, [W, M, 2] -> [W, heads, M, M]. */
function pairBias(p: Params, name: string, places: Tensor): Tensor {
  const [W, M] = places.shape as [number, number, number];
  const offset = sub(reshape(places, [W, 1, M, 2]), reshape(places, [W, M, 1, 2])); // key's place less the query's
  const squeezed = mul(sign(offset), log(add(abs(offset), 1)));
  return transpose(pointwise(p, `${name}.2`, relu(pointwise(p, `${name}.0`, squeezed))), [0, 3, 1, 2]);
}

/** A convolution of one pixel over the last axis. */
function pointwise(p: Params, name: string, x: Tensor): Tensor {
  const W = param(p, `${name}.weight`); // [out, in, 1, 1]
  const flat = { "layer.weight": reshape(W, W.shape.slice(0, 2)), "layer.bias": param(p, `${name}.bias`) };
  return linear(flat, "layer", x);
}

/** Each 2 x 2 tokens become one of twice the width: [N, h, w, D] -> [N, h / 2, w / 2, 2D]. */
function mergeTokens(p: Params, name: string, x: Tensor, eps: number): Tensor {
  const channelsFirst = transpose(layerNorm(p, `${name}.norm`, x, eps), [0, 3, 1, 2]);
  return transpose(convolution(p, `${name}.proj`, channelsFirst, { stride: 2 }), [0, 2, 3, 1]);
}

/** The place of the first of each 2 x 2 tokens on the coarser map. */
function halved(positions: Tensor): Tensor {
  const [N, h, w] = positions.shape as [number, number, number, number];
  const quads = reshape(positions, [N, h / 2, 2, w / 2, 2, 2]);
  return mul(select(select(quads, 4, 0), 2, 0), 0.5);
}
