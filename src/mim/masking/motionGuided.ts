import type { Draws } from "../draws.ts";

/** A clip of pixels and its tokens. */
export interface MotionGuidedClip {
  /** Frames, rows and columns of pixels. */
  readonly size: readonly [T: number, H: number, W: number];
  /** Frames, rows and columns of one token. */
  readonly tubelet: readonly [frames: number, rows: number, columns: number];
}

/** Motion of every pixel between neighbouring frames, in pixels: each [N, 2, T - 1, H, W], x first. */
export interface ClipFlow {
  /** From frame t to t + 1. */
  readonly forward: ArrayLike<number>;
  /** From frame t + 1 to t. */
  readonly backward: ArrayLike<number>;
}

/**
 * Keeps tokens that follow the motion: mask [N, tokens], 0 kept, 1 masked. MGMAE, Huang et al. 2023: Gaussian spots around
 * randomly kept patches of the middle frame are carried to the other frames by backward warping with optical flow, holes
 * are filled from the middle frame's map, and in every slice of time the tokens with the largest sums are kept
 * (engine_for_mgmae.py). Differs from the release in one thing: there the maps of earlier frames are warped with the flow of
 * the wrong direction, because of a misspelt option.
 */
export function motionGuidedMasking(
  draws: Draws,
  N: number,
  { size: [T, H, W], tubelet: [pt, ph, pw] }: MotionGuidedClip,
  flow: ClipFlow,
  maskRatio: number,
): Float32Array {
  const [t, h, w] = [T / pt, H / ph, W / pw];
  if (![t, h, w].every(Number.isInteger)) {
    throw new RangeError(`motionGuidedMasking: expected a clip of whole tokens, found ${T} x ${H} x ${W}`);
  }
  const keep = Math.floor(h * w * (1 - maskRatio));
  const mask = new Float32Array(N * t * h * w).fill(1);
  for (let n = 0; n < N; n++) {
    const spots = Array.from(draws.permutation(h * w).subarray(0, h * w - Math.floor(h * w * maskRatio)));
    const sums = new Float64Array(t * h * w);
    carried(gaussianSpots(spots, [h, w], [ph, pw]), n, [T, H, W], flow).forEach((map, frame) => {
      map.forEach((value, p) => {
        const row = Math.floor(p / W / ph);
        sums[(Math.floor(frame / pt) * h + row) * w + Math.floor((p % W) / pw)]! += value;
      });
    });
    for (let slice = 0; slice < t; slice++) {
      const tokens = Array.from({ length: h * w }, (_, i) => slice * h * w + i);
      tokens.sort((a, b) => sums[b]! - sums[a]! || a - b);
      for (const token of tokens.slice(0, keep)) mask[n * t * h * w + token] = 0;
    }
  }
  return mask;
}

/** A map [H, W], at each pixel the largest of the spots' Gaussians; their deviation is the patch's side. */
function gaussianSpots(
  spots: readonly number[],
  [h, w]: readonly [number, number],
  [ph, pw]: readonly [number, number],
): Float64Array {
  const map = Float64Array.from({ length: h * ph * w * pw }, (_, p) => {
    const [y, x] = [Math.floor(p / (w * pw)), p % (w * pw)];
    let largest = 0;
    for (const spot of spots) {
      const dy = (y - Math.floor(spot / w) * ph - (ph - 1) / 2) / ph;
      const dx = (x - (spot % w) * pw - (pw - 1) / 2) / pw;
      largest = Math.max(largest, Math.exp(-dy * dy - dx * dx));
    }
    return largest;
  });
  const most = map.reduce((a, b) => Math.max(a, b), 0);
  return map.map((x) => x / most);
}

/** The middle frame's map carried to every frame: T maps [H, W]. */
function carried(
  middle: Float64Array,
  n: number,
  [T, H, W]: readonly [number, number, number],
  { forward, backward }: ClipFlow,
): Float64Array[] {
  const base = Math.floor(T / 2);
  const maps: Float64Array[] = new Array(T);
  maps[base] = middle;
  const step = (from: Float64Array, flow: ArrayLike<number>, between: number) => {
    const at = (axis: number) => ((2 * n + axis) * (T - 1) + between) * H * W;
    const [right, down] = [at(0), at(1)];
    return warped(from, (p) => [flow[right + p]!, flow[down + p]!], [H, W]).map((x, p) => (x === 0 ? middle[p]! : x));
  };
  for (let frame = base + 1; frame < T; frame++) maps[frame] = step(maps[frame - 1]!, backward, frame - 1);
  for (let frame = base - 1; frame >= 0; frame--) maps[frame] = step(maps[frame + 1]!, forward, frame);
  return maps;
}

/** At each pixel what the map holds where the flow points, between pixels in proportion, 0 outside. */
function warped(
  map: Float64Array,
  flowAt: (p: number) => readonly [number, number],
  [H, W]: readonly [number, number],
): Float64Array {
  const value = (y: number, x: number) => (y < 0 || y >= H || x < 0 || x >= W ? 0 : map[y * W + x]!);
  return map.map((_, p) => {
    const [dx, dy] = flowAt(p);
    const [x, y] = [(p % W) + dx, Math.floor(p / W) + dy];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [x - left, y - top];
    return (
      (1 - down) * ((1 - right) * value(top, left) + right * value(top, left + 1)) +
      down * ((1 - right) * value(top + 1, left) + right * value(top + 1, left + 1))
    );
  });
}
