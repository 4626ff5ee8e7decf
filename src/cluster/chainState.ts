import type { Arena } from "./arena.ts";

/** Places in the state of the chain kernel, and in the clusters it points to; described in wasm/assembly/chain.ts. */
export const STATE = {
  ROWS: 0,
  ROW_BYTES: 4,
  INVERSES: 8,
  NAMES: 12,
  CLUSTERS: 16,
  CHAIN: 20,
  MERGES: 24,
  EPOCHS: 28,
  OUT: 32,
  LOG_END: 36,
  MAP_END: 40,
  COLUMNS: 44,
  N_EPOCHS: 48,
  LENGTH: 52,
  COUNT: 56,
  MERGED: 60,
  LOWEST: 64,
  TOLERANCE: 72,
} as const;
export const CLUSTER = { SIZE: 0, COLUMN: 8, EPOCH: 12, LOG: 16, IN_CHAIN: 20, BYTES: 32 } as const;
/** No cluster, or no column. */
export const NONE = 0xffffffff;
/** Bytes of a merge in the log. */
export const LOG_ENTRY = 20;

/** What the chain starts from. */
export interface ChainStart {
  /** f32[m][rowBytes / 4] squared distances of centroids, +Infinity on the diagonal and behind the last column. */
  readonly rows: number;
  readonly rowBytes: number;
  /** [m] leaves of each cluster. */
  readonly sizes: Float64Array;
  /** Error of a distance. */
  readonly tolerance: number;
}

/** Memory that chainState takes, for rows so long. */
export const chainStateBytes = (m: number, rowBytes: number): number => 2 * rowBytes + 72 * m + 2048;

/** What the chain kernel works on, and what it has found. */
export interface ChainState {
  /** Where the kernel finds it. */
  readonly at: number;
  merged(): number;
  /** u32[m − 1][2] names of the clusters of each merge: the one that stays, the one that is gone. */
  readonly merges: Uint32Array;
  size(name: number): number;
  /** The cluster at the end of the chain. */
  tip(): number;
  /** The e-th of the clusters that may be the tip's nearest, its v as the kernel `nearest` has it, and 1/size. */
  rival(e: number): { readonly name: number; readonly v: number; readonly inverse: number };
}

/** Lays out the state of a chain of single clusters. */
export function chainState(buffer: ArrayBuffer, { take }: Arena, start: ChainStart): ChainState {
  const { rows, rowBytes, sizes, tolerance } = start;
  const m = sizes.length;
  const f32 = new Float32Array(buffer);
  const f64 = new Float64Array(buffer);
  const u32 = new Uint32Array(buffer);
  const at = take(80);
  const [inverses, names] = [take(rowBytes), take(rowBytes)];
  const [clusters, log] = [take(m * CLUSTER.BYTES), take(m * LOG_ENTRY)];
  const [chain, merges, epochs, out] = [take(4 * m), take(8 * m), take(12 * 64), take(8 + 64 * 8)];
  const mapEnd = take(4 * m); // an epoch has less than half the columns of the one before it
  for (let i = 0; i < m; i++) {
    const cluster = clusters + i * CLUSTER.BYTES;
    f64[cluster >>> 3] = sizes[i]!;
    u32[(cluster + CLUSTER.COLUMN) >>> 2] = i;
    u32[(cluster + CLUSTER.LOG) >>> 2] = log;
    f32[(inverses >>> 2) + i] = 1 / sizes[i]!;
    u32[(names >>> 2) + i] = i;
  }
  const field = (name: keyof typeof STATE): number => u32[(at + STATE[name]) >>> 2]!;
  const setField = (name: keyof typeof STATE, value: number): void => {
    u32[(at + STATE[name]) >>> 2] = value;
  };
  setField("ROWS", rows);
  setField("ROW_BYTES", rowBytes);
  setField("INVERSES", inverses);
  setField("NAMES", names);
  setField("CLUSTERS", clusters);
  setField("CHAIN", chain);
  setField("MERGES", merges);
  setField("EPOCHS", epochs);
  setField("OUT", out);
  setField("LOG_END", log);
  setField("MAP_END", mapEnd);
  setField("COLUMNS", m);
  setField("COUNT", m);
  f64[(at + STATE.TOLERANCE) >>> 3] = tolerance;
  return {
    at,
    merged: () => field("MERGED"),
    merges: u32.subarray(merges >>> 2, (merges >>> 2) + 2 * (m - 1)),
    size: (name) => f64[(clusters + name * CLUSTER.BYTES) >>> 3]!,
    tip: () => u32[(chain >>> 2) + field("LENGTH") - 1]!,
    rival: (e) => {
      const column = u32[(out >>> 2) + 2 + 2 * e]!;
      const v = f32[(out >>> 2) + 3 + 2 * e]!;
      return { name: u32[(names >>> 2) + column]!, v, inverse: f32[(inverses >>> 2) + column]! };
    },
  };
}
