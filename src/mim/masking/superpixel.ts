import type { Draws } from "../draws.ts";
import type { Superpixels } from "./slic.ts";

/**
 * Hides `hidden` whole superpixels of one image: mask of its pixels [H, W], 0 kept, 1 masked. autoSMIM, Wang et al. 2023
 * (superpixel inpainting; the numbers of superpixels and of hidden ones are searched for there).
 */
export function superpixelMasking(draws: Draws, { label, count }: Superpixels, hidden: number): Float32Array {
  const chosen = new Set(draws.permutation(count).subarray(0, hidden));
  return Float32Array.from(label, (region) => (chosen.has(region) ? 1 : 0));
}
