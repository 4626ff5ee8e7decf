/**
 * Ward linkage by the nearest-neighbour chain (Murtagh 1983; Müllner 2011, §3.2) on a square float32 matrix.
 *
 *   1  D[a][b] = |c_a − c_b|², squared distances of the centroids                          [m, m]
 *   2  the chain grows from a cluster to its nearest, by 2ab/(a + b) · D[a][b], until two are each other's nearest
 *   3  they merge: D[ab][k] = a/(a+b) D[a][k] + b/(a+b) D[b][k] − ab/(a+b)² D[a][b]        one row
 *   4  back to 2 with what is left of the chain
 *
 * A column is not written when clusters merge, as that misses the cache m times: the merge goes to a log, which a row
 * replays when it is next read. When half of the columns are dead, rows drop them, also when next read. All this is one
 * kernel (wasm/assembly/chain.ts), since thousands of short calls cost more than what they do.
 * Of equal distances the cluster with the lowest name is the nearer. Where float32 cannot tell two clusters apart,
 * float64 distances from the vectors decide (wardCosts.ts).
 */
import { align, arena } from "./arena.ts";
import { chainState, chainStateBytes, NONE } from "./chainState.ts";
import type { Points } from "./points.ts";
import type { MergeOrder } from "./sortMerges.ts";
import { CHUNK, type SparseGram, sparseGram, TILE } from "./sparseGram.ts";
import { type WardCosts, wardCosts } from "./wardCosts.ts";
import type { MakeMachine, WardMachine } from "./wardKernels.ts";

export interface ChainObserver {
  /** A stage begins. */
  stage?(name: "distances" | "linkage"): void;
  /** So much of the stage is done, in [0, 1]. */
  progress?(share: number): void;
}

/** Error of an entry of D, as a share of the largest squared norm: some ten roundings of float32. */
const D_ERROR = 2 ** -20;
/** Most clusters that are compared in float64 when float32 finds them equally near. */
const MOST_RIVALS = 32;
/** Two float64 distances that differ by less, relatively, are equal. */
const EQUAL = 1e-12;
/** Merges between two signs of progress. */
const STEP = 256;

/** Merges of all points into one. */
export function nnChain(points: Points, makeMachine: MakeMachine, { stage, progress }: ChainObserver = {}): MergeOrder {
  const m = points.X.shape[0];
  if (m < 2) return { left: new Int32Array(0), right: new Int32Array(0) };
  stage?.("distances");
  const padded = align(m, TILE);
  const { squares, sizes } = points;
  const largest = squares.reduce((most, square) => Math.max(most, square), 0);
  const scale = largest > 0 ? 2 ** -Math.round(Math.log2(largest) / 2) : 1; // to norms about 1, exactly
  const plan = sparseGram(points.X, scale);
  const rowBytes = padded * 4;
  const machine = makeMachine(64 + plan.bytes + padded * rowBytes + rowBytes + chainStateBytes(m, rowBytes));
  const { buffer, kernels } = machine;
  const memory = arena();
  const f32 = new Float32Array(buffer);
  const D = memory.take(padded * rowBytes);
  const norms = memory.take(rowBytes);
  f32.fill(Number.POSITIVE_INFINITY, norms >>> 2, (norms >>> 2) + padded);
  squares.forEach((square, i) => {
    f32[(norms >>> 2) + i] = square * scale * scale;
  });
  fillDistances(points, machine, plan.place(machine, memory), { D, norms, rowBytes, progress });
  for (let i = 0; i < m; i++) f32[(D + i * rowBytes + i * 4) >>> 2] = Number.POSITIVE_INFINITY;

  stage?.("linkage");
  const tolerance = D_ERROR * largest * scale * scale;
  const state = chainState(buffer, memory, { rows: D, rowBytes, sizes, tolerance });
  let costs: WardCosts | undefined; // seldom needed
  let counted = 0; // merges that the costs know of
  /** The nearest of the clusters that float32 may take for the nearest of the tip. */
  const settle = (count: number): number => {
    const tip = state.tip();
    const rivals = Array.from({ length: count }, (_, e) => {
      const { name, v, inverse } = state.rival(e);
      return { name, v, error: tolerance / (1 / state.size(tip) + inverse) };
    });
    const top = Math.min(...rivals.map(({ v, error }) => v + error));
    const near = rivals.filter(({ v, error }) => v - error <= top * (1 + 2 ** -20)).slice(0, MOST_RIVALS);
    if (near.length === 1) return near[0]!.name;
    costs ??= wardCosts(points);
    const { merge, cost: costOf } = costs;
    for (; counted < state.merged(); counted++) merge(state.merges[2 * counted]!, state.merges[2 * counted + 1]!);
    const exact = near.map(({ name }) => ({ name, cost: costOf(tip, name) }));
    const lowest = Math.min(...exact.map(({ cost }) => cost));
    const equal = exact.filter(({ cost }) => cost <= lowest * (1 + EQUAL));
    return Math.min(...equal.map(({ name }) => name));
  };

  for (let settled = NONE; state.merged() < m - 1; ) {
    const rivals = kernels.chain(state.at, Math.min(m - 1, state.merged() + STEP), settled);
    settled = rivals === 0 ? NONE : settle(rivals);
    progress?.(state.merged() / m);
  }
  const [left, right] = [new Int32Array(m - 1), new Int32Array(m - 1)];
  for (let s = 0; s < m - 1; s++) {
    left[s] = state.merges[2 * s]!;
    right[s] = state.merges[2 * s + 1]!;
  }
  return { left, right };
}

function fillDistances(
  { X: { shape } }: Points,
  { kernels }: WardMachine,
  gram: SparseGram,
  to: { D: number; norms: number; rowBytes: number; progress?: ((share: number) => void) | undefined },
): void {
  const m = align(shape[0], TILE);
  for (let c = 0; c < m; c += CHUNK) {
    gram.loadChunk(c);
    for (let r = c; r < m; r += TILE) {
      const nTiles = Math.min(CHUNK, r - c + TILE) / TILE;
      gram.accumulate(r, TILE, nTiles);
      const [block, mirrored] = [to.D + r * to.rowBytes + c * 4, to.D + c * to.rowBytes + r * 4];
      const [rowNorms, columnNorms] = [to.norms + r * 4, to.norms + c * 4];
      kernels.squaredDistances(
        gram.acc,
        gram.stride,
        TILE,
        nTiles * TILE,
        rowNorms,
        columnNorms,
        block,
        mirrored,
        to.rowBytes,
      );
    }
    to.progress?.(1 - (1 - c / m) ** 2);
  }
}
