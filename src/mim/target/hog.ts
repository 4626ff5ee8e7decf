import type { HostTensor } from "../method.ts";

export interface HogOptions {
  /** Orientations in half a turn. */
  readonly bins: number;
  /** Side of a cell in pixels. */
  readonly cell: number;
  /** Gaussian weights of pixels, in windows of this side laid over the picture; none when absent. */
  readonly window?: { readonly side: number; readonly deviation: number };
  /** Added to every gradient, across and down; some released models of LocalMIM have it. */
  readonly bias?: readonly [across: number, down: number];
}

/** Sobel's filters across and down, each [3, 3]. */
export const SOBEL = [1, 0, -1, 2, 0, -2, 1, 0, -1, 1, 2, 1, 0, 0, 0, -1, -2, -1] as const;

/**
 * Histograms of oriented gradients as MaskFeat takes them: for each colour channel the Sobel gradient of every pixel goes,
 * weighted by its length, into one orientation bin of its cell, without interpolation; opposite directions share a bin;
 * each cell's histogram has unit length. Wei et al. 2022; facebookresearch/SlowFast, operators.py. Not the histograms of
 * scikit-image (target/blockHog.ts). Images [N, C, H, W] -> [N, C, bins, H / cell, W / cell].
 *
 * Made on the host in float64: the mirrored edges have gradients that lie exactly between two bins when `bins` is even, and
 * rounding decides. Rows of the filter are summed first, which decides as the authors' code does.
 */
export function hog(images: HostTensor, { bins, cell, window, bias = [0, 0] }: HogOptions): HostTensor {
  const [N, C, H, W] = images.shape as [number, number, number, number];
  const [h, w] = [H / cell, W / cell];
  if (!Number.isInteger(h) || !Number.isInteger(w)) {
    throw new RangeError(`hog: expected sides divisible by the cell of ${cell} pixels, found ${H} x ${W}`);
  }
  const weights = window && gaussian(H, W, window);
  const x = images.data;
  const out = new Float64Array(N * C * bins * h * w);
  const left = Int32Array.from({ length: W }, (_, i) => mirrored(i - 1, W));
  const right = Int32Array.from({ length: W }, (_, i) => mirrored(i + 1, W));
  for (let plane = 0; plane < N * C; plane++) {
    for (let i = 0; i < H; i++) {
      const above = (plane * H + mirrored(i - 1, H)) * W;
      const here = (plane * H + i) * W;
      const below = (plane * H + mirrored(i + 1, H)) * W;
      for (let j = 0; j < W; j++) {
        const [l, r] = [left[j]!, right[j]!];
        const topAcross = x[above + l]! - x[above + r]!;
        const acrossHere = 2 * x[here + l]! - 2 * x[here + r]!;
        const acrossBelow = x[below + l]! - x[below + r]!;
        const across = topAcross + acrossHere + acrossBelow + bias[0];
        const top = x[above + l]! + 2 * x[above + j]! + x[above + r]!;
        const bottom = -x[below + l]! - 2 * x[below + j]! - x[below + r]!;
        const down = top + bottom + bias[1];
        const turn = Math.floor((Math.atan2(across, down) / Math.PI) * bins) % bins;
        const bin = turn < 0 ? turn + bins : turn;
        const at = ((plane * bins + bin) * h + Math.floor(i / cell)) * w + Math.floor(j / cell);
        out[at]! += Math.sqrt(across * across + down * down) * (weights ? weights[i * W + j]! : 1);
      }
    }
  }
  toUnitLength(out, N * C, bins, h * w);
  return { shape: [N, C, bins, h, w], data: out };
}

/**
 * The cells of each token side by side: [N, C, bins, h·s, w·s] -> [N, hw, C·bins·s²], by channel, bin, row and column of
 * the cell, s cells to a token's side. open-mmlab/mmpretrain, maskfeat.py.
 */
export function hogTokens({ shape, data }: HostTensor, s: number): HostTensor {
  const [N, C, bins, rows, columns] = shape as [number, number, number, number, number];
  const [h, w, F] = [rows / s, columns / s, C * bins * s * s];
  const out = new Float64Array(data.length);
  let from = 0;
  for (let n = 0; n < N; n++) {
    for (let f = 0; f < C * bins; f++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const token = Math.floor(y / s) * w + Math.floor(x / s);
          out[(n * h * w + token) * F + (f * s + (y % s)) * s + (x % s)] = data[from++]!;
        }
      }
    }
  }
  return { shape: [N, h * w, F], data: out };
}

/** A place beside the edge, mirrored at the outermost pixel. */
const mirrored = (i: number, size: number): number => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);

/** Divides each cell's histogram, out [planes, bins, cells], by its length. */
function toUnitLength(out: Float64Array, planes: number, bins: number, cells: number): void {
  for (let plane = 0; plane < planes; plane++) {
    for (let c = 0; c < cells; c++) {
      let sum = 0;
      for (let b = 0; b < bins; b++) sum += out[(plane * bins + b) * cells + c]! ** 2;
      const length = Math.max(Math.sqrt(sum), 1e-12);
      for (let b = 0; b < bins; b++) out[(plane * bins + b) * cells + c]! /= length;
    }
  }
}

/** Windows of sum 1 laid side by side, [H, W]. */
function gaussian(H: number, W: number, { side, deviation }: { side: number; deviation: number }): Float64Array {
  if (H % side !== 0 || W % side !== 0) {
    throw new RangeError(`hog: expected sides divisible by the window of ${side} pixels, found ${H} x ${W}`);
  }
  const line = Float64Array.from({ length: side }, (_, i) => Math.exp(-0.5 * ((i - (side - 1) / 2) / deviation) ** 2));
  const total = line.reduce((a, b) => a + b, 0) ** 2;
  return Float64Array.from({ length: H * W }, (_, i) => {
    const [y, x] = [Math.floor(i / W) % side, (i % W) % side];
    return (line[y]! * line[x]!) / total;
  });
}
