/**
 * Ward linkage by the nearest-neighbour chain (Murtagh 1983; Müllner 2011, §3.2) on a square float32 matrix.
 *
 *   1  D[a][b] = |c_a − c_b|², squared distances of the centroids                          [m, m]
 *   2  the chain grows from a cluster to its nearest, by 2ab/(a + b) · D[a][b], until two are each other's nearest
 *   3  they merge: D[ab][k] = a/(a+b) D[a][k] + b/(a+b) D[b][k] − ab/(a+b)² D[a][b]        one row
 *   4  back to 2 with what is left of the chain
 *
 * A column is not written when clusters merge, as that misses the cache m times: the merge goes to a log, which a row
 * replays when it is next read. When a third of the columns is dead, rows drop them, also when next read.
 * Of equal distances the cluster with the lowest name is the nearer. Where float32 cannot tell two clusters apart,
 * float64 distances from the vectors decide (wardCosts.ts).
 */
import { align, arena } from "./arena.ts";
import type { Points } from "./points.ts";
import type { MergeOrder } from "./sortMerges.ts";
import { CHUNK, type SparseGram, sparseGram, TILE } from "./sparseGram.ts";
import { wardCosts } from "./wardCosts.ts";
import type { MakeMachine, WardMachine } from "./wardKernels.ts";

export interface ChainObserver {
  /** A stage begins. */
  stage?(name: "distances" | "linkage"): void;
  /** So much of the stage is done, in [0, 1]. */
  progress?(share: number): void;
}

const LOG_ENTRY = 20;
/** Error of an entry of D, as a share of the largest squared norm: some ten roundings of float32. */
const D_ERROR = 2 ** -20;
/** Most clusters that are compared in float64 when float32 finds them equally near. */
const MOST_RIVALS = 32;
/** Two float64 distances that differ by less, relatively, are equal. */
const EQUAL = 1e-12;

/** Merges of all points into one. */
export function nnChain(points: Points, makeMachine: MakeMachine, { stage, progress }: ChainObserver = {}): MergeOrder {
  const m = points.X.shape[0];
  const merges: MergeOrder = {
    left: new Int32Array(Math.max(0, m - 1)),
    right: new Int32Array(Math.max(0, m - 1)),
  };
  if (m < 2) return merges;
  stage?.("distances");
  const padded = align(m, TILE);
  const { squares } = points;
  const largest = squares.reduce((most, square) => Math.max(most, square), 0);
  const scale = largest > 0 ? 2 ** -Math.round(Math.log2(largest) / 2) : 1; // to norms about 1, exactly
  const plan = sparseGram(points.X, scale);
  const machine = makeMachine(64 + plan.bytes + padded * padded * 4 + m * LOG_ENTRY + padded * 24 + 1024);
  const memory = arena();
  const f32 = new Float32Array(machine.buffer);
  const u32 = new Uint32Array(machine.buffer);
  const D = memory.take(padded * padded * 4);
  const log = memory.take(m * LOG_ENTRY);
  const inverseSizes = memory.take(padded * 4);
  const norms = memory.take(padded * 4);
  let mapEnd = memory.take(padded * 16); // each epoch's map is at most 2/3 as long as the one before
  const out = memory.take(8 + 64 * 8);
  const rowBytes = padded * 4;

  f32.fill(Number.POSITIVE_INFINITY, norms >>> 2, (norms >>> 2) + padded);
  squares.forEach((square, i) => {
    f32[(norms >>> 2) + i] = square * scale * scale;
  });
  fillDistances(points, machine, plan.place(machine, memory), { D, norms, rowBytes, progress });
  for (let i = 0; i < m; i++) f32[(D + i * rowBytes + i * 4) >>> 2] = Number.POSITIVE_INFINITY;

  stage?.("linkage");
  const { kernels } = machine;
  const size = points.sizes.slice();
  const costs = wardCosts(points);
  const tolerance = D_ERROR * largest * scale * scale;

  // Columns of the present epoch; clusters are named by their lowest point, so columns rise with names.
  let nColumns = m;
  let width = padded;
  const nameOf = Int32Array.from({ length: m }, (_, i) => i);
  const columnOf = nameOf.slice();
  const alive = new Uint8Array(m).fill(1);
  f32.fill(1, inverseSizes >>> 2, (inverseSizes >>> 2) + padded);
  for (let i = 0; i < m; i++) f32[(inverseSizes >>> 2) + i] = 1 / size[i]!;

  // What a row has to catch up with: merges of the log, and at the end of each epoch the loss of dead columns.
  const epochs: { readonly logEnd: number; readonly map: number; readonly columns: number }[] = [];
  const rowEpoch = new Int32Array(m);
  const rowLog = new Uint32Array(m).fill(log);
  let logEnd = log;
  const startEpoch = (): void => {
    const columns = nameOf.subarray(0, nColumns).filter((name) => alive[name] === 1);
    nColumns = columns.length;
    width = align(nColumns, 16);
    epochs.push({ logEnd, map: mapEnd, columns: nColumns });
    columns.forEach((name, c) => {
      u32[(mapEnd >>> 2) + c] = 4 * columnOf[name]!;
      columnOf[name] = c;
      f32[(inverseSizes >>> 2) + c] = 1 / size[name]!;
    });
    mapEnd += 4 * nColumns;
    nameOf.set(columns);
  };
  const catchUp = (name: number): number => {
    const row = D + name * rowBytes;
    let epoch = rowEpoch[name]!;
    for (; epoch < epochs.length; epoch++) {
      const { logEnd: end, map, columns } = epochs[epoch]!;
      kernels.replay(row, rowLog[name]!, end);
      rowLog[name] = end;
      kernels.compact(row, map, columns);
    }
    rowEpoch[name] = epoch;
    kernels.replay(row, rowLog[name]!, logEnd);
    rowLog[name] = logEnd;
    return row;
  };

  /** @param before the cluster before it in the chain, which is near; -1: none */
  const nearest = (name: number, before: number): number => {
    const row = catchUp(name);
    const slack = 2 * tolerance * size[name]!;
    const count = kernels.nearest(
      row,
      inverseSizes,
      width,
      1 / size[name]!,
      slack,
      before < 0 ? -1 : columnOf[before]!,
      out,
    );
    return count === 1 ? nameOf[u32[(out >>> 2) + 2]!]! : settle(name, count);
  };
  /** The nearest of the clusters that float32 may take for it: the first `count` rivals in `out`. */
  const settle = (name: number, count: number): number => {
    const rivals = Array.from({ length: count }, (_, e) => {
      const column = u32[(out >>> 2) + 2 + 2 * e]!;
      const weight = 1 / (1 / size[name]! + f32[(inverseSizes >>> 2) + column]!);
      return { name: nameOf[column]!, v: f32[(out >>> 2) + 3 + 2 * e]!, error: tolerance * weight };
    });
    const top = Math.min(...rivals.map(({ v, error }) => v + error));
    const near = rivals.filter(({ v, error }) => v - error <= top * (1 + 2 ** -20)).slice(0, MOST_RIVALS);
    if (near.length === 1) return near[0]!.name;
    const exact = near.map((rival) => ({ name: rival.name, cost: costs.cost(name, rival.name) }));
    const lowest = Math.min(...exact.map((rival) => rival.cost));
    const equal = exact.filter((rival) => rival.cost <= lowest * (1 + EQUAL));
    return Math.min(...equal.map((rival) => rival.name));
  };

  const chain: number[] = [];
  const inChain = new Uint8Array(m);
  let lowest = 0;
  for (let s = 0; s < m - 1; ) {
    if (chain.length === 0) {
      while (!alive[lowest]) lowest++;
      chain.push(lowest);
      inChain[lowest] = 1;
    }
    const tip = chain.at(-1)!;
    const near = nearest(tip, chain.at(-2) ?? -1);
    if (!inChain[near]) {
      chain.push(near);
      inChain[near] = 1;
      continue;
    }
    // Its nearest is the one before it; were it an earlier one, the two would be as near as rounding can tell.
    const before = chain.at(-2)!;
    chain.length -= 2;
    inChain[tip] = 0;
    inChain[before] = 0;
    merge(s++, Math.min(tip, before), Math.max(tip, before));
    if (s % 256 === 0) progress?.(s / m);
  }
  return merges;

  function merge(s: number, kept: number, gone: number): void {
    const [a, b] = [size[kept]!, size[gone]!];
    const [rowA, rowB] = [catchUp(kept), catchUp(gone)];
    const between = f32[(rowA >>> 2) + columnOf[gone]!]!;
    merges.left[s] = kept;
    merges.right[s] = gone;
    const [alpha, beta] = [a / (a + b), b / (a + b)];
    const gamma = alpha * beta * between;
    kernels.mergeRows(rowA, rowB, width, alpha, beta, gamma);
    const at = logEnd >>> 2;
    u32[at] = 4 * columnOf[kept]!;
    u32[at + 1] = 4 * columnOf[gone]!;
    f32[at + 2] = alpha;
    f32[at + 3] = beta;
    f32[at + 4] = gamma;
    logEnd += LOG_ENTRY;
    rowLog[kept] = logEnd;
    alive[gone] = 0;
    costs.merge(kept, gone);
    size[kept] = a + b;
    f32[(inverseSizes >>> 2) + columnOf[kept]!] = 1 / (a + b);
    if (m - 1 - s < nColumns * (2 / 3) && nColumns > 64) startEpoch();
  }
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
