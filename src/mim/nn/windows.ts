/** Square windows of a feature map, Swin, Liu et al. 2021, §3.2. */
import { type DType, reshape, type Tensor, tensor, transpose } from "../ops.ts";

/** Feature map [N, h, w, D] -> windows [N·nW, s², D], row by row, nW = (h/s)(w/s). */
export function toWindows(x: Tensor, s: number): Tensor {
  const [N, h, w, D] = x.shape as [number, number, number, number];
  if (h % s !== 0 || w % s !== 0) {
    throw new RangeError(`toWindows: expected a map divisible into windows of ${s}, found ${h} x ${w}`);
  }
  const grid = transpose(reshape(x, [N, h / s, s, w / s, s, D]), [0, 1, 3, 2, 4, 5]);
  return reshape(grid, [(N * h * w) / s ** 2, s * s, D]);
}

/** Inverse of `toWindows`. */
export function fromWindows(windows: Tensor, s: number, h: number, w: number): Tensor {
  const D = windows.shape[2] as number;
  const N = ((windows.shape[0] as number) * s ** 2) / (h * w);
  const grid = reshape(windows, [N, h / s, w / s, s, s, D]);
  return reshape(transpose(grid, [0, 1, 3, 2, 4, 5]), [N, h, w, D]);
}

/**
 * Bias [nW, s², s²] for the windows of a map that was rolled by `shift`: -100 between tokens that are neighbours only
 * because of the roll, 0 elsewhere.
 */
export function shiftedWindowBias(h: number, w: number, s: number, shift: number, dtype: DType): Tensor {
  const band = (at: number, size: number) => (at < size - s ? 0 : at < size - shift ? 1 : 2);
  const across = w / s;
  const nW = (h / s) * across;
  const M = s * s;
  const region = (window: number, token: number) => {
    const row = Math.floor(window / across) * s + Math.floor(token / s);
    const column = (window % across) * s + (token % s);
    return 3 * band(row, h) + band(column, w);
  };
  const bias = new Float64Array(nW * M * M);
  for (let window = 0; window < nW; window++) {
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < M; j++) {
        if (region(window, i) !== region(window, j)) bias[(window * M + i) * M + j] = -100;
      }
    }
  }
  return tensor(bias, [nW, M, M], dtype);
}
