/**
 * Sparse regional transformer over the occupied cells of a plane: tokens look at those of their window, in every second layer
 * at those of windows moved by half. Fan et al. 2022 (SST), §3; names and order of GeoMAE's mmdet3d/models/sst/
 * sst_basic_block.py. Normalisation follows each branch; positions within the window join queries and keys alone.
 */
import { scaledDotProduct } from "../nn/attention.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import {
  add,
  cast,
  type DType,
  embed,
  equal,
  gelu,
  mul,
  reshape,
  slice,
  sub,
  type Tensor,
  tensor,
  transpose,
} from "../ops.ts";

export interface RegionalTransformer {
  readonly rows: number;
  readonly columns: number;
  /** Cells along a window's side; even. */
  readonly window: number;
  readonly dim: number;
  readonly heads: number;
  /** Width between the two layers of a feed-forward branch. */
  readonly feedForward: number;
}

const EPS = 1e-5; // PyTorch's default
const SHIFTS = [0, 1] as const;

export const regionalSpecs = (name: string, depth: number, c: RegionalTransformer): ParamSpecs =>
  Object.assign(
    {},
    ...Array.from({ length: 2 * depth }, (_, i) => layerSpecs(layerName(name, i), c.dim, c.feedForward)),
  );

const layerName = (name: string, i: number): string => `${name}.${Math.floor(i / 2)}.encoder_list.${i % 2}`;

const layerSpecs = (name: string, D: number, F: number): ParamSpecs => ({
  [`${name}.win_attn.self_attn.in_proj_weight`]: { shape: [3 * D, D], init: "xavier" },
  [`${name}.win_attn.self_attn.in_proj_bias`]: { shape: [3 * D], init: { constant: 0 } },
  ...linearSpecs(`${name}.win_attn.self_attn.out_proj`, D, D),
  ...linearSpecs(`${name}.linear1`, D, F),
  ...linearSpecs(`${name}.linear2`, F, D),
  ...layerNormSpecs(`${name}.norm1`, D),
  ...layerNormSpecs(`${name}.norm2`, D),
});

/** Tokens x [N, T, D] on cells int32 [N, T], of which some are there, 1 in `there` [N, T] -> [N, T, D]. */
export function regionalBlocks(
  c: RegionalTransformer,
  p: Params,
  name: string,
  depth: number,
  x: Tensor,
  { cells, there }: { readonly cells: Tensor; readonly there: Tensor },
): Tensor {
  const dtype = x.dtype as DType;
  const L = c.rows * c.columns;
  const shifts = SHIFTS.map((shift) => {
    const of = embed(tensor(windowOf(c, shift), [L, 1], dtype), cells); // [N, T, 1]
    const same = cast(equal(of, transpose(of, [0, 2, 1])), dtype); // [N, T, T]
    const seen = mul(same, reshape(there, [there.shape[0]!, 1, -1]));
    const bias = reshape(mul(sub(seen, 1), 1e9), [seen.shape[0]!, 1, seen.shape[1]!, seen.shape[2]!]);
    return { bias, places: embed(tensor(windowPositions(c, shift), [L, c.dim], dtype), cells) }; // [N, T, D]
  });
  let y = x;
  for (let i = 0; i < 2 * depth; i++) y = layer(p, layerName(name, i), y, c.heads, shifts[i % 2]!);
  return y;
}

function layer(
  p: Params,
  name: string,
  x: Tensor,
  heads: number,
  { bias, places }: { readonly bias: Tensor; readonly places: Tensor },
): Tensor {
  const [N, T, D] = x.shape as [number, number, number];
  const own = `${name}.win_attn.self_attn`;
  const part = (i: number, input: Tensor): Tensor => {
    const cut = (z: Tensor) => slice(z, 0, i * D, (i + 1) * D);
    const named = {
      "one.weight": cut(param(p, `${own}.in_proj_weight`)),
      "one.bias": cut(param(p, `${own}.in_proj_bias`)),
    };
    return transpose(reshape(linear(named, "one", input), [N, T, heads, D / heads]), [0, 2, 1, 3]);
  };
  const placed = add(x, places);
  const { y } = scaledDotProduct(part(0, placed), part(1, placed), part(2, x), bias);
  const mixed = linear(p, `${own}.out_proj`, reshape(transpose(y, [0, 2, 1, 3]), [N, T, D]));
  const attended = layerNorm(p, `${name}.norm1`, add(x, mixed), EPS);
  const fed = linear(p, `${name}.linear2`, gelu(linear(p, `${name}.linear1`, attended)));
  return layerNorm(p, `${name}.norm2`, add(attended, fed), EPS);
}

/** Window of each cell and the place in it, as if windows were moved by half a window where `shift` is 1. */
function inWindow({ columns, window }: RegionalTransformer, shift: 0 | 1, cell: number) {
  const moved = shift === 1 ? window / 2 : 0;
  const [y, x] = [Math.floor(cell / columns) + moved, (cell % columns) + moved];
  return { row: Math.floor(y / window), column: Math.floor(x / window), y: y % window, x: x % window };
}

/** [L] */
export function windowOf(c: RegionalTransformer, shift: 0 | 1): Float64Array {
  const across = Math.ceil(c.columns / c.window) + 1;
  return Float64Array.from({ length: c.rows * c.columns }, (_, cell) => {
    const { row, column } = inWindow(c, shift, cell);
    return row * across + column;
  });
}

/** [L, D]: waves of the column in the first half of the channels, of the row in the second, from the window's middle. */
function windowPositions(c: RegionalTransformer, shift: 0 | 1): Float64Array {
  const half = c.dim / 2;
  const out = new Float64Array(c.rows * c.columns * c.dim);
  for (let cell = 0; cell < c.rows * c.columns; cell++) {
    const { x, y } = inWindow(c, shift, cell);
    for (let k = 0; k < c.dim; k++) {
      const channel = k % half;
      const at = (k < half ? x : y) - c.window / 2;
      const angle = at / 10_000 ** ((2 * Math.floor(channel / 2)) / half);
      out[cell * c.dim + k] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return out;
}
