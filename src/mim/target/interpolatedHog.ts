import type { HostTensor } from "../method.ts";

export interface InterpolatedHogOptions {
  /** Orientations in half a turn. */
  readonly bins: number;
  /** Side of a cell in pixels. */
  readonly cell: number;
  /** Whether each cell's histogram is brought to unit length. */
  readonly unitLength: boolean;
}

/**
 * Histograms of oriented gradients whose pixels are shared between the two orientations that enclose theirs: the Sobel
 * gradient of every pixel, edges repeated, its length split in proportion to the angle, averaged over a cell. MME, Sun et
 * al. 2023; XinyuSun/MME, feat.py, HOGDescriptorByConv. Images [N, C, H, W] -> [N, C, bins, H / cell, W / cell].
 *
 * As there, a gradient that lies exactly on an orientation counts for nothing: both of its shares are 0. The release also
 * adds the untrained random bias of a convolution to every gradient; that is left out.
 */
export function interpolatedHog(images: HostTensor, { bins, cell, unitLength }: InterpolatedHogOptions): HostTensor {
  const [N, C, H, W] = images.shape as [number, number, number, number];
  const [h, w] = [H / cell, W / cell];
  if (!Number.isInteger(h) || !Number.isInteger(w)) {
    throw new RangeError(`interpolatedHog: expected sides divisible by the cell of ${cell}, found ${H} x ${W}`);
  }
  const out = new Float64Array(N * C * bins * h * w);
  for (let plane = 0; plane < N * C; plane++) {
    const at = (y: number, x: number) =>
      images.data[(plane * H + Math.min(H - 1, Math.max(0, y))) * W + Math.min(W - 1, Math.max(0, x))]!;
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const column = (j: number) => at(y - 1, j) + 2 * at(y, j) + at(y + 1, j);
        const row = (i: number) => at(i, x - 1) + 2 * at(i, x) + at(i, x + 1);
        const [across, down] = [column(x - 1) - column(x + 1), row(y - 1) - row(y + 1)];
        const turn = (Math.atan2(down, across) / Math.PI) * bins;
        const angle = turn < 0 ? turn + bins : turn;
        const [below, above] = [Math.floor(angle), Math.ceil(angle)];
        const length = Math.hypot(across, down) / cell ** 2;
        const place = Math.floor(y / cell) * w + Math.floor(x / cell);
        out[(plane * bins + (above % bins)) * h * w + place]! += length * (angle - below);
        out[(plane * bins + (below % bins)) * h * w + place]! += length * (above - angle);
      }
    }
  }
  if (unitLength) toUnitLength(out, bins, h * w);
  return { shape: [N, C, bins, h, w], data: out };
}

/** Divides each histogram of out [planes, bins, cells] by its length. */
function toUnitLength(out: Float64Array, bins: number, cells: number, eps = 1e-5): void {
  for (let start = 0; start < out.length; start += bins * cells) {
    for (let c = 0; c < cells; c++) {
      let sum = 0;
      for (let b = 0; b < bins; b++) sum += out[start + b * cells + c]! ** 2;
      for (let b = 0; b < bins; b++) out[start + b * cells + c]! /= Math.sqrt(sum + eps ** 2);
    }
  }
}
