import type { Draws } from "../draws.ts";
import { shuffledMasking } from "./shuffled.ts";

/**
 * Hides random cubes of a volume: mask of its voxels [N, D, H, W], 0 kept, 1 masked; `side` divides every edge. MAPSeg, Zhang et
 * al. 2024, and masked volume pre-training (Chen et al. 2023), where high ratios with small cubes do best.
 */
export function cubeMasking(
  draws: Draws,
  N: number,
  [D, H, W]: readonly [number, number, number],
  side: number,
  maskRatio: number,
): Float32Array {
  const [d, h, w] = [D / side, H / side, W / side];
  if (![d, h, w].every(Number.isInteger)) {
    throw new RangeError(`cubeMasking: expected a side that divides ${D} x ${H} x ${W}, found ${side}`);
  }
  const cubes = shuffledMasking(draws, N, d * h * w, maskRatio);
  return Float32Array.from({ length: N * D * H * W }, (_, i) => {
    const [n, z] = [Math.floor(i / (D * H * W)), Math.floor(i / (H * W)) % D];
    const [y, x] = [Math.floor(i / W) % H, i % W];
    return cubes[((n * d + Math.floor(z / side)) * h + Math.floor(y / side)) * w + Math.floor(x / side)]!;
  });
}
