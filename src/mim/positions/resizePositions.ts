/** A grid of patches. */
export interface Grid {
  readonly h: number;
  readonly w: number;
}

/**
 * Learned positions of one grid for another: [extra + h·w, D] -> [extra + h'·w', D]. The first `extra` rows (class tokens)
 * stay; the others are interpolated by bicubic convolution with a = -3/4, corners not aligned and edges repeated, as PyTorch's
 * F.interpolate does and MAE's interpolate_pos_embed calls it (util/pos_embed.py). Keys 1981, Eq. 4 with another a.
 */
export function resizePositions(
  table: ArrayLike<number>,
  D: number,
  from: Grid,
  to: Grid,
  { extra = 1 } = {},
): Float64Array {
  const out = new Float64Array((extra + to.h * to.w) * D);
  for (let i = 0; i < extra * D; i++) out[i] = table[i]!;
  const rows = Array.from({ length: to.h }, (_, i) => taps(i, to.h, from.h));
  const columns = Array.from({ length: to.w }, (_, j) => taps(j, to.w, from.w));
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      const at = (extra + i * to.w + j) * D;
      for (const [y, wy] of row) {
        for (const [x, wx] of column) {
          const source = (extra + y * from.w + x) * D;
          for (let d = 0; d < D; d++) out[at + d]! += wy * wx * table[source + d]!;
        }
      }
    });
  });
  return out;
}

/** The four old places that make up new place i, with their weights. */
function taps(i: number, newSize: number, oldSize: number): [place: number, weight: number][] {
  const center = ((i + 0.5) * oldSize) / newSize - 0.5;
  const first = Math.floor(center) - 1;
  return [0, 1, 2, 3].map((k) => {
    const place = Math.min(oldSize - 1, Math.max(0, first + k));
    return [place, cubic(Math.abs(center - (first + k)))];
  });
}

/** Keys' piecewise cubic kernel. */
function cubic(x: number): number {
  const a = -0.75;
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  if (x < 2) return a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a;
  return 0;
}
