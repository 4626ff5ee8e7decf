import type { Draws } from "../draws.ts";

/** Images of N samples, [N, C, H, W], and the cells that are hidden whole. */
export interface CellGrid {
  readonly shape: readonly [N: number, C: number, H: number, W: number];
  /** Cells down and across. */
  readonly cells: readonly [number, number];
}

/**
 * Mean strength of the edges of each cell, [N, cells]: √(Sx² + Sy²) of Sobel's two filters on the mean of the channels, edges
 * repeated. CBM, Jarca et al. 2024 (Curriculum by Masking).
 */
export function gradientMagnitude(
  images: ArrayLike<number>,
  { shape: [N, C, H, W], cells: [h, w] }: CellGrid,
): Float64Array {
  const strength = new Float64Array(N * h * w);
  const share = (h * w) / (H * W);
  for (let n = 0; n < N; n++) {
    const grey = Float64Array.from({ length: H * W }, (_, p) => {
      let sum = 0;
      for (let c = 0; c < C; c++) sum += images[(n * C + c) * H * W + p]!;
      return sum / C;
    });
    const at = (y: number, x: number) => grey[Math.min(H - 1, Math.max(0, y)) * W + Math.min(W - 1, Math.max(0, x))]!;
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const across = (dy: number) => at(y + dy, x + 1) - at(y + dy, x - 1);
        const down = (dx: number) => at(y + 1, x + dx) - at(y - 1, x + dx);
        const gx = across(-1) + 2 * across(0) + across(1);
        const gy = down(-1) + 2 * down(0) + down(1);
        const cell = Math.floor((y * h) / H) * w + Math.floor((x * w) / W);
        strength[n * h * w + cell]! += share * Math.sqrt(gx * gx + gy * gy);
      }
    }
  }
  return strength;
}

/**
 * Hides ⌊L · maskRatio⌋ cells, drawn without replacement in proportion to their strength [N, L]: mask [N, L], 0 kept, 1
 * masked. Cells without any edge are drawn only when no others are left.
 */
export function gradientMagnitudeMasking(
  draws: Draws,
  strength: ArrayLike<number>,
  [N, L]: readonly [number, number],
  maskRatio: number,
): Float32Array {
  const hidden = Math.floor(L * maskRatio);
  const weights = Float64Array.from(strength, (s) => s + 1e-12);
  const mask = new Float32Array(N * L);
  draws.multinomial(weights, N, hidden).forEach((cell, i) => {
    mask[Math.floor(i / hidden) * L + cell] = 1;
  });
  return mask;
}
