import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { embed, reshape, type Tensor, tensor, transpose } from "../ops.ts";

export interface RelativeGrid {
  readonly h: number;
  readonly w: number;
  /** Whether a class token stands before the grid; its three relations have entries of their own. */
  readonly cls?: boolean;
}

/** Rows of the table for a grid: one for each offset, and three for class to patch, patch to class, class to itself. */
export const relativeOffsets = ({ h, w, cls }: RelativeGrid): number => (2 * h - 1) * (2 * w - 1) + (cls ? 3 : 0);

/** Row of the table for each pair of tokens, [M, M] row by row. Swin, Liu et al. 2021, §3.2; with a class token, BEiT. */
export function relativeIndex({ h, w, cls }: RelativeGrid): Int32Array {
  const first = cls ? 1 : 0;
  const M = first + h * w;
  const offsets = relativeOffsets({ h, w });
  return Int32Array.from({ length: M * M }, (_, at) => {
    const [i, j] = [Math.floor(at / M) - first, (at % M) - first];
    if (i < 0) return j < 0 ? offsets + 2 : offsets;
    if (j < 0) return offsets + 1;
    const down = Math.floor(i / w) - Math.floor(j / w) + h - 1;
    return down * (2 * w - 1) + (i % w) - (j % w) + w - 1;
  });
}

/** Attention bias from a table `name` [offsets, heads]: [heads, M, M]. */
export function relativeBias(p: Params, name: string, grid: RelativeGrid): Tensor {
  const M = grid.h * grid.w + (grid.cls ? 1 : 0);
  const index = tensor(relativeIndex(grid), [M * M], "int32");
  const table = param(p, name);
  return transpose(reshape(embed(table, index), [M, M, table.shape[1] as number]), [2, 0, 1]);
}

export const relativeBiasSpecs = (name: string, grid: RelativeGrid, heads: number): ParamSpecs => ({
  [name]: { shape: [relativeOffsets(grid), heads], init: { normal: 0.02 } },
});
