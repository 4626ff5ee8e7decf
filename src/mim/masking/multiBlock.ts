import type { Draws } from "../draws.ts";
import { roundHalfEven } from "./roundHalfEven.ts";

type Range = readonly [number, number];

/** How I-JEPA draws its blocks; scales are shares of the grid's area. */
export interface MultiBlockOptions {
  readonly targets: number;
  readonly targetScale: Range;
  /** Height over width of the target blocks; context blocks are square. */
  readonly targetAspect: Range;
  readonly contexts: number;
  readonly contextScale: Range;
  /** A block must hold more patches than this. */
  readonly minKeep: number;
  /** Whether context blocks may keep patches of the target blocks. */
  readonly allowOverlap: boolean;
}

/** Patches of each block, ascending; all blocks of a kind are cut to the size of the batch's smallest. */
export interface MultiBlock {
  /** [contexts][N, K] */
  readonly context: readonly Int32Array[];
  /** [targets][N, M] */
  readonly target: readonly Int32Array[];
}

/**
 * Target blocks and the context block they are taken out of. I-JEPA, Assran et al. 2023, §3 and appendix A.1. Size and aspect
 * come from one draw a kind, shared by the batch, and a constraint that cannot be met in twenty attempts is dropped
 * (src/masks/multiblock.py).
 */
export function multiBlockMasking(
  draws: Draws,
  N: number,
  grid: readonly [number, number],
  options: MultiBlockOptions,
): MultiBlock {
  const targetSize = blockSize(draws, grid, options.targetScale, options.targetAspect);
  const contextSize = blockSize(draws, grid, options.contextScale, [1, 1]);
  const samples = Array.from({ length: N }, () => {
    const target = Array.from({ length: options.targets }, () =>
      placeBlock(draws, grid, targetSize, [], options.minKeep),
    );
    const taken = options.allowOverlap ? [] : target;
    const context = Array.from({ length: options.contexts }, () =>
      placeBlock(draws, grid, contextSize, taken, options.minKeep),
    );
    return { target, context };
  });
  return {
    context: collate(samples.map((sample) => sample.context)),
    target: collate(samples.map((sample) => sample.target)),
  };
}

/** Height and width of a block, smaller than the grid. */
function blockSize(draws: Draws, [H, W]: Range, scale: Range, aspects: Range): Range {
  const draw = draws.uniform(1)[0]!;
  const area = Math.floor(H * W * (scale[0] + draw * (scale[1] - scale[0])));
  const aspect = aspects[0] + draw * (aspects[1] - aspects[0]);
  return [
    Math.min(H - 1, roundHalfEven(Math.sqrt(area * aspect))),
    Math.min(W - 1, roundHalfEven(Math.sqrt(area / aspect))),
  ];
}

/** A block's patches without those of the blocks in `taken`. */
function placeBlock(
  draws: Draws,
  [H, W]: Range,
  [h, w]: Range,
  taken: readonly (readonly number[])[],
  minKeep: number,
): readonly number[] {
  for (let attempt = 0; ; attempt++) {
    const heeded = taken.slice(0, Math.max(0, taken.length - Math.floor(attempt / 20)));
    if (attempt >= 20 * (taken.length + 1)) {
      throw new RangeError(`multiBlockMasking: expected blocks of more than ${minKeep} patches, found ${h} x ${w}`);
    }
    const top = draws.integer(0, H - h);
    const left = draws.integer(0, W - w);
    const block = Array.from({ length: h * w }, (_, i) => (top + Math.floor(i / w)) * W + left + (i % w));
    const kept = block.filter((patch) => !heeded.some((other) => other.includes(patch)));
    if (kept.length > minKeep) return kept;
  }
}

/** [N][kind][…] -> [kind][N, K], each list cut to the shortest. */
function collate(samples: readonly (readonly (readonly number[])[])[]): Int32Array[] {
  const K = Math.min(...samples.flat().map((ids) => ids.length));
  return (samples[0] ?? []).map((_, k) => Int32Array.from(samples.flatMap((blocks) => blocks[k]!.slice(0, K))));
}
