import { sinCos1d } from "./sinCos1d.ts";

export interface SinCos2dOptions {
  /** Whether a class token's row of zeros stands first. */
  readonly cls?: boolean;
  /** Whether patches are listed column by column, as mmpretrain's code does, instead of row by row. */
  readonly byColumns?: boolean;
  readonly temperature?: number;
}

/**
 * Fixed sine-cosine position table of a grid, [h·w, D] or with a class token's zero row first [1 + h·w, D]. The first half of
 * the channels codes the column and the second the row. MAE's released code, util/pos_embed.py; Vaswani et al. 2017, §3.5.
 */
export function sinCos2d(
  D: number,
  h: number,
  w: number,
  { cls = false, byColumns = false, temperature = 10_000 }: SinCos2dOptions = {},
): Float64Array {
  if (D % 4 !== 0) throw new RangeError(`sinCos2d: expected a width divisible by 4, found ${D}`);
  const first = cls ? D : 0;
  const half = D / 2;
  const patches = Array.from({ length: h * w }, (_, i) =>
    byColumns ? [Math.floor(i / h), i % h] : [i % w, Math.floor(i / w)],
  ) as [column: number, row: number][];
  const table = new Float64Array(first + h * w * D);
  [0, 1].forEach((axis) => {
    const codes = sinCos1d(
      half,
      patches.map((patch) => patch[axis]!),
      { temperature },
    );
    for (let i = 0; i < h * w; i++) {
      table.set(codes.subarray(i * half, (i + 1) * half), first + i * D + axis * half);
    }
  });
  return table;
}
