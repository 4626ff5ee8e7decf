import { align, arena } from "./arena.ts";
import type { Points } from "./points.ts";
import { CHUNK, sparseGram, TILE } from "./sparseGram.ts";
import type { MakeMachine } from "./wardKernels.ts";

export interface NearestLists {
  /** [nRows] entries of each list. */
  readonly counts: Int32Array;
  /** [nRows, k] points, in no order. */
  readonly ids: Int32Array;
  /** [nRows, k] no more than their squared Ward distances. */
  readonly atLeast: Float64Array;
  /** [nRows] what is not in the list is as far or farther, as float32 has it; +Infinity when all is in the list. */
  readonly limits: Float64Array;
}

/**
 * The k nearest points of some points by Ward distance, all pairs looked at in float32. Entries come with a lower bound
 * that rounding cannot break: the error of a sum of t products is at most t · 2⁻²⁴ of what they add up to.
 *
 * @param rows whose lists, by rising number; all when there are as many as points
 */
export function nearestLists(
  points: Points,
  rows: Int32Array,
  k: number,
  makeMachine: MakeMachine,
  progress?: (share: number) => void,
): NearestLists {
  const { X, sizes, squares } = points;
  const m = X.shape[0];
  const both = rows.length === m;
  const padded = align(m, TILE);
  const largest = squares.reduce((most, square) => Math.max(most, square), 0);
  const scale = largest > 0 ? 2 ** -Math.round(Math.log2(largest) / 2) : 1;
  const plan = sparseGram(X, scale, rows);
  const listBytes = 8 + 8 * k;
  const nLists = both ? padded : rows.length;
  const machine = makeMachine(plan.bytes + padded * 8 + rows.length * 16 + nLists * (listBytes + 4) + 1024);
  const memory = arena();
  const { buffer, kernels } = machine;
  const f32 = new Float32Array(buffer);
  const u32 = new Uint32Array(buffer);
  const gram = plan.place(machine, memory);
  const norms = memory.take(padded * 4);
  const inverses = memory.take(padded * 4);
  const table = memory.take(rows.length * 16);
  const lists = memory.take(nLists * listBytes);
  const limits = memory.take(nLists * 4);
  const scratch = memory.take(64);

  f32.fill(Number.POSITIVE_INFINITY, norms >>> 2, (norms >>> 2) + padded);
  f32.fill(1, inverses >>> 2, (inverses >>> 2) + padded);
  f32.fill(Number.POSITIVE_INFINITY, limits >>> 2, (limits >>> 2) + nLists);
  for (let i = 0; i < m; i++) {
    f32[(norms >>> 2) + i] = squares[i]! * scale * scale;
    f32[(inverses >>> 2) + i] = 1 / sizes[i]!;
  }
  rows.forEach((i, r) => {
    const row = (table >>> 2) + 4 * r;
    f32[row] = f32[(norms >>> 2) + i]!;
    f32[row + 1] = f32[(inverses >>> 2) + i]!;
    u32[row + 2] = i;
    u32[row + 3] = r;
  });

  for (let c = 0; c < m; c += CHUNK) {
    gram.loadChunk(c);
    const chunkTiles = Math.min(CHUNK, padded - c) / TILE;
    for (let r = both ? c : 0; r < rows.length; r += TILE) {
      const count = Math.min(TILE, rows.length - r);
      const nTiles = both ? Math.min(chunkTiles, (r - c + TILE) / TILE) : chunkTiles;
      gram.accumulate(r, count, nTiles);
      const [columnNorms, columnInverses] = [norms + 4 * c, inverses + 4 * c];
      const rowTable = table + 16 * r;
      // biome-ignore format: arguments by kind
      kernels.collect(gram.acc, gram.stride, count, nTiles * TILE, rowTable, columnNorms, columnInverses, c,
        k, lists, listBytes, limits, both, scratch);
    }
    progress?.(both ? 1 - (1 - c / m) ** 2 : c / m);
  }

  const counts = new Int32Array(rows.length);
  const ids = new Int32Array(rows.length * k);
  const atLeast = new Float64Array(rows.length * k);
  const unit = scale * scale;
  rows.forEach((i, r) => {
    const list = (lists + r * listBytes) >>> 2;
    const count = u32[list]!;
    counts[r] = count;
    const relative = (X.indptr[i + 1]! - X.indptr[i]! + 8) * 2 ** -24;
    for (let e = 0; e < count; e++) {
      const j = u32[list + 2 * e + 3]!;
      const factor = (2 * sizes[i]! * sizes[j]!) / (sizes[i]! + sizes[j]!);
      const error = relative * factor * (squares[i]! + squares[j]!);
      ids[r * k + e] = j;
      atLeast[r * k + e] = Math.max(0, f32[list + 2 * e + 2]! / unit - error);
    }
  });
  return {
    counts,
    ids,
    atLeast,
    limits: Float64Array.from(rows, (_, r) => f32[(limits >>> 2) + r]! / unit),
  };
}
