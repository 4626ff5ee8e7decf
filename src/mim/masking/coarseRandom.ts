import type { Draws } from "../draws.ts";

export interface CoarseGrid {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  /** Side in pixels of the squares that are hidden whole. */
  readonly unit: number;
  /** Side in pixels of the tokens that the mask is for; `unit` is a multiple of it. */
  readonly patchSize: number;
}

/**
 * Hides a share of coarse squares, drawn per image by permutation: mask [N, L], 0 kept, 1 masked. SimMIM §3.2 "Patch-aligned
 * random masking"; the number hidden is rounded up.
 */
export function coarseRandomMasking(draws: Draws, N: number, grid: CoarseGrid, maskRatio: number): Float32Array {
  const { imageSize, unit, patchSize } = grid;
  const scale = unit / patchSize;
  const [h, w] = [imageSize[0] / unit, imageSize[1] / unit];
  if (![scale, h, w].every(Number.isInteger)) {
    throw new RangeError(
      `coarseRandomMasking: expected a unit that patches of ${patchSize} and images of ${imageSize.join(" x ")} agree with, found ${unit}`,
    );
  }
  const hidden = Math.ceil(h * w * maskRatio);
  const W = w * scale;
  const L = h * scale * W;
  const mask = new Float32Array(N * L);
  for (let n = 0; n < N; n++) {
    for (const square of draws.permutation(h * w).subarray(0, hidden)) {
      const [top, left] = [Math.floor(square / w) * scale, (square % w) * scale];
      for (let y = top; y < top + scale; y++) mask.fill(1, n * L + y * W + left, n * L + y * W + left + scale);
    }
  }
  return mask;
}
