import type { Draws } from "../draws.ts";
import { roundHalfEven } from "./roundHalfEven.ts";

/** How BEiT and its descendants draw blocks. */
export interface BlockwiseOptions {
  /** Patches to hide; fewer are hidden when no further block fits in ten attempts. */
  readonly hidden: number;
  /** Smallest and largest area of one block in patches; the largest is `hidden` unless given. */
  readonly minBlock: number;
  readonly maxBlock?: number;
  /** Smallest height over width of a block; the largest is one over it unless given. */
  readonly minAspect: number;
  readonly maxAspect?: number;
}

/**
 * Hides rectangles of random area and aspect until enough is hidden: mask [N, h · w], 0 kept, 1 masked. A block may overlap
 * earlier ones but must add between 1 patch and the number still wanted. BEiT, Bao et al. 2022, §2.3, Algorithm 1; the
 * attempts, and that only blocks smaller than the grid are placed, as in beit/masking_generator.py.
 */
export function blockwiseMasking(
  draws: Draws,
  N: number,
  grid: readonly [number, number],
  options: BlockwiseOptions,
): Float32Array {
  const L = grid[0] * grid[1];
  const mask = new Float32Array(N * L);
  for (let n = 0; n < N; n++) hideBlocks(mask.subarray(n * L, (n + 1) * L), draws, grid, options);
  return mask;
}

function hideBlocks(
  mask: Float32Array,
  draws: Draws,
  grid: readonly [number, number],
  { hidden, minBlock, maxBlock = hidden, minAspect, maxAspect = 1 / minAspect }: BlockwiseOptions,
): void {
  let count = 0;
  while (count < hidden) {
    const added = addBlock(mask, draws, grid, minBlock, Math.min(hidden - count, maxBlock), [
      Math.log(minAspect),
      Math.log(maxAspect),
    ]);
    if (added === 0) return;
    count += added;
  }
}

/** Hides one more block and says how many patches it added; 0 when ten attempts failed. */
function addBlock(
  mask: Float32Array,
  draws: Draws,
  [H, W]: readonly [number, number],
  least: number,
  most: number,
  logAspect: readonly [number, number],
): number {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = draws.uniform(1, least, most)[0]!;
    const aspect = Math.exp(draws.uniform(1, ...logAspect)[0]!);
    const h = roundHalfEven(Math.sqrt(area * aspect));
    const w = roundHalfEven(Math.sqrt(area / aspect));
    if (h >= H || w >= W) continue;
    const top = draws.integer(0, H - h + 1);
    const left = draws.integer(0, W - w + 1);
    const fresh: number[] = [];
    for (let y = top; y < top + h; y++) {
      for (let x = left; x < left + w; x++) if (mask[y * W + x] === 0) fresh.push(y * W + x);
    }
    if (fresh.length === 0 || fresh.length > most) continue;
    for (const patch of fresh) mask[patch] = 1;
    return fresh.length;
  }
  return 0;
}
