import type { Draws } from "../draws.ts";
import { keepSmallest } from "./random.ts";

/**
 * Random masking by blocks of `unit` x `unit` patches: mask [N, h·w], 0 kept, 1 masked. The number of blocks kept is
 * ⌊blocks (1 - maskRatio)⌋. CMAE (Huang et al. 2023), random_masking of cmae_vit.py.
 */
export function blockUnits(
  draws: Draws,
  N: number,
  [h, w]: readonly [number, number],
  { maskRatio, unit }: { maskRatio: number; unit: number },
): Float32Array {
  const [H, W] = [h / unit, w / unit];
  if (!Number.isInteger(H) || !Number.isInteger(W)) {
    throw new RangeError(`blockUnits: expected ${h} x ${w} patches divisible into blocks of ${unit}, found a rest`);
  }
  const { mask } = keepSmallest(draws.uniform(N * H * W), N, H * W, Math.floor(H * W * (1 - maskRatio)));
  return Float32Array.from({ length: N * h * w }, (_, i) => {
    const n = Math.floor(i / (h * w));
    const [y, x] = [Math.floor((i % (h * w)) / w), i % w];
    return mask[n * H * W + Math.floor(y / unit) * W + Math.floor(x / unit)]!;
  });
}
