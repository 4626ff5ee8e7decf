import type { Draws } from "../draws.ts";
import { blockwiseMasking } from "./blockwise.ts";
import { drawnShare, type RatioRange } from "./drawnShare.ts";

/**
 * Blocks of patches whose total differs from image to image: mask [N, h · w], 0 kept, 1 masked. Each image takes one of the
 * ranges by lot, then a share from it; a range of 0 leaves it whole. iBOT, Zhou et al. 2022, §4.1; loader.py of the
 * released code, where the smallest block is a ninth of the grid.
 */
export function raggedBlocks(
  draws: Draws,
  N: number,
  [h, w]: readonly [number, number],
  ranges: readonly RatioRange[],
  minAspect = 0.3,
): Float32Array {
  const minBlock = Math.floor(Math.min(h, w) / 3) ** 2;
  const mask = new Float32Array(N * h * w);
  for (let n = 0; n < N; n++) {
    const hidden = drawnShare(draws, ranges) * h * w;
    mask.set(blockwiseMasking(draws, 1, [h, w], { hidden, minBlock, minAspect }), n * h * w);
  }
  return mask;
}
