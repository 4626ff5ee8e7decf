import type { Draws } from "../draws.ts";

export interface MixingOptions {
  /** Rows and columns of the coarsest stage, at which the mask is drawn. */
  readonly grid: readonly [number, number];
  readonly maskRatio: number;
  /** Up to how much more may be masked, drawn anew for each batch; 0 in the released settings. */
  readonly ratioRange?: number;
}

/**
 * One mask for the whole batch: 1 where an image takes its partner's patches, 0 where it keeps its own, [h · w]. MixMAE, Liu et
 * al. 2023; random_masking of models_mixmim.py, where places of least noise are mixed. The partner of image n is image
 * N - 1 - n (the batch reversed).
 */
export function mixingMask(draws: Draws, { grid: [h, w], maskRatio, ratioRange = 0 }: MixingOptions): Float32Array {
  const ratio = maskRatio + draws.uniform(1, 0, ratioRange)[0]!;
  const noise = draws.uniform(h * w);
  const order = Array.from(noise, (_, i) => i).sort((a, b) => noise[a]! - noise[b]! || a - b);
  const mask = new Float32Array(h * w);
  for (const place of order.slice(0, Math.floor(h * w * ratio))) mask[place] = 1;
  return mask;
}
