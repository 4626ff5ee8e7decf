import { cos, log, sin } from "../toy/exactMath.ts";

/**
 * Fixed sine-cosine position table of a grid, [h·w, D] or with a class token's zero row first [1 + h·w, D], row by row.
 * The first half of the channels encodes the column and the second the row; each half holds sines, then cosines, with
 * frequencies 10000^(-k / (D/4)). MAE's released code, util/pos_embed.py; Vaswani et al. 2017, §3.5.
 */
export function sinCos2d(D: number, h: number, w: number, { cls = false } = {}): Float64Array {
  if (D % 4 !== 0) throw new RangeError(`sinCos2d: expected a width divisible by 4, found ${D}`);
  const quarter = D / 4;
  const first = cls ? 1 : 0;
  const table = new Float64Array((first + h * w) * D);
  for (let i = 0; i < h * w; i++) {
    const at = (first + i) * D;
    [i % w, Math.floor(i / w)].forEach((position, half) => {
      for (let k = 0; k < quarter; k++) {
        const angle = position * Math.exp((-k / quarter) * log(10_000));
        table[at + half * 2 * quarter + k] = sin(angle);
        table[at + half * 2 * quarter + quarter + k] = cos(angle);
      }
    });
  }
  return table;
}
