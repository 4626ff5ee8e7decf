import type { HostTensor } from "../method.ts";

export interface TrackOptions {
  /** Frames at which points start. */
  readonly starts: readonly number[];
  /** Frames S that each point is followed for. */
  readonly length: number;
  /** Points start in the middle of cells of this side. */
  readonly cell: number;
  /** Whether steps are cut to whole pixels, as in the released code. */
  readonly wholePixels: boolean;
}

/** Points on a grid [h, w] followed from each of t starts. */
export interface Trajectories {
  /** [N, 2, t, S, h, w]: steps right and down, at most 20 pixels each. */
  readonly steps: Float64Array;
  /** [N, 2, t, S, h, w]: column and row before each step. */
  readonly places: Float64Array;
  /** [N, t, h, w]: 1 where the point stayed in the picture up to its last step. */
  readonly inside: Float64Array;
  readonly grid: readonly [number, number];
}

const LONGEST = 20;

/**
 * Follows points by dense flow [N, 2, F, H, W], in pixels right and down from a frame to the next: p_{t+1} = p_t +
 * flow_t(p_t), held at the picture's edge. Wang et al. 2011 (dense trajectories); MME, Sun et al. 2023, §3.2;
 * XinyuSun/MME, feat.py, SparseTracker. Beyond the last flow the last one is used again.
 */
export function trajectories(flow: HostTensor, { starts, length: S, cell, wholePixels }: TrackOptions): Trajectories {
  const [N, , F, H, W] = flow.shape as [number, number, number, number, number];
  const [h, w, t] = [Math.floor(H / cell), Math.floor(W / cell), starts.length];
  const steps = new Float64Array(N * 2 * t * S * h * w);
  const places = new Float64Array(steps.length);
  const inside = new Float64Array(N * t * h * w).fill(1);
  const seen = (n: number, axis: number, frame: number, x: number, y: number): number => {
    const step = flow.data[(((n * 2 + axis) * F + Math.min(frame, F - 1)) * H + Math.floor(y)) * W + Math.floor(x)]!;
    return wholePixels ? Math.trunc(step) : step;
  };
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < t; k++) {
      for (let point = 0; point < h * w; point++) {
        let [x, y] = [(point % w) * cell + Math.floor(cell / 2), Math.floor(point / w) * cell + Math.floor(cell / 2)];
        for (let s = 0; s < S; s++) {
          if (x < 0 || x >= W || y < 0 || y >= H) inside[(n * t + k) * h * w + point] = 0;
          [x, y] = [Math.min(W - 1, Math.max(0, x)), Math.min(H - 1, Math.max(0, y))];
          const moved = [seen(n, 0, starts[k]! + s, x, y), seen(n, 1, starts[k]! + s, x, y)] as const;
          for (const axis of [0, 1] as const) {
            const at = (((n * 2 + axis) * t + k) * S + s) * h * w + point;
            places[at] = axis === 0 ? x : y;
            steps[at] = Math.min(LONGEST, Math.max(-LONGEST, moved[axis]));
          }
          [x, y] = [x + moved[0], y + moved[1]];
        }
      }
    }
  }
  return { steps, places, inside, grid: [h, w] };
}
