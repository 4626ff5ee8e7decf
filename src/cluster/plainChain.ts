import { align } from "./arena.ts";
import { CLUSTER, LOG_ENTRY, NONE, STATE } from "./chainState.ts";
import type { WardKernels } from "./wardKernels.ts";

/** The chain kernel in TypeScript alone; the twin of wasm/assembly/chain.ts, step by step. */
export function plainChain(
  buffer: ArrayBuffer,
  kernels: Pick<WardKernels, "compact" | "mergeRows" | "nearest" | "replay">,
): WardKernels["chain"] {
  const f32 = new Float32Array(buffer);
  const f64 = new Float64Array(buffer);
  const u32 = new Uint32Array(buffer);

  return (state, most, settled) => {
    const get = (name: keyof typeof STATE): number => u32[(state + STATE[name]) >>> 2]!;
    const set = (name: keyof typeof STATE, value: number): void => {
      u32[(state + STATE[name]) >>> 2] = value;
    };
    /** Where a field of a cluster is in u32. */
    const of = (name: number, field: number): number => (get("CLUSTERS") + name * CLUSTER.BYTES + field) >>> 2;
    const sizeOf = (name: number): number => f64[of(name, CLUSTER.SIZE) >>> 1]!;
    const link = (place: number): number => (get("CHAIN") >>> 2) + place;

    const push = (name: number): void => {
      u32[link(get("LENGTH"))] = name;
      u32[of(name, CLUSTER.IN_CHAIN)] = 1;
      set("LENGTH", get("LENGTH") + 1);
    };
    const catchUp = (name: number): number => {
      const row = get("ROWS") + name * get("ROW_BYTES");
      let log = u32[of(name, CLUSTER.LOG)]!;
      for (let e = u32[of(name, CLUSTER.EPOCH)]!; e < get("N_EPOCHS"); e++) {
        const [end, map, columns] = u32.subarray((get("EPOCHS") >>> 2) + 3 * e) as unknown as [number, number, number];
        kernels.replay(row, log, end);
        log = end;
        kernels.compact(row, map, columns);
      }
      kernels.replay(row, log, get("LOG_END"));
      u32[of(name, CLUSTER.EPOCH)] = get("N_EPOCHS");
      u32[of(name, CLUSTER.LOG)] = get("LOG_END");
      return row;
    };
    const startEpoch = (): void => {
      const [names, inverses, map] = [get("NAMES") >>> 2, get("INVERSES") >>> 2, get("MAP_END") >>> 2];
      let stay = 0;
      for (let c = 0; c < get("COLUMNS"); c++) {
        const name = u32[names + c]!;
        if (u32[of(name, CLUSTER.COLUMN)] === NONE) continue;
        u32[map + stay] = 4 * c;
        u32[of(name, CLUSTER.COLUMN)] = stay;
        u32[names + stay] = name;
        f32[inverses + stay] = f32[inverses + c]!;
        stay++;
      }
      u32.set([get("LOG_END"), 4 * map, stay], (get("EPOCHS") >>> 2) + 3 * get("N_EPOCHS"));
      set("MAP_END", 4 * (map + stay));
      set("COLUMNS", stay);
      set("N_EPOCHS", get("N_EPOCHS") + 1);
    };
    const merge = (kept: number, gone: number): void => {
      const [rowA, rowB] = [catchUp(kept), catchUp(gone)];
      const [a, b] = [sizeOf(kept), sizeOf(gone)];
      const [columnA, columnB] = [u32[of(kept, CLUSTER.COLUMN)]!, u32[of(gone, CLUSTER.COLUMN)]!];
      const [alpha, beta] = [a / (a + b), b / (a + b)];
      const gamma = alpha * beta * f32[(rowA >>> 2) + columnB]!;
      kernels.mergeRows(rowA, rowB, align(get("COLUMNS"), 16), alpha, beta, gamma);
      const entry = get("LOG_END") >>> 2;
      u32.set([4 * columnA, 4 * columnB], entry);
      f32.set([alpha, beta, gamma], entry + 2);
      set("LOG_END", 4 * entry + LOG_ENTRY);
      u32[of(kept, CLUSTER.LOG)] = get("LOG_END");
      f64[of(kept, CLUSTER.SIZE) >>> 1] = a + b;
      u32[of(gone, CLUSTER.COLUMN)] = NONE;
      f32[(get("INVERSES") >>> 2) + columnA] = 1 / (a + b);
      f32[(get("INVERSES") >>> 2) + columnB] = Number.NaN;
      u32.set([kept, gone], (get("MERGES") >>> 2) + 2 * get("MERGED"));
      set("MERGED", get("MERGED") + 1);
      if (get("COLUMNS") > 64 && get("COUNT") - get("MERGED") < Math.floor(get("COLUMNS") / 2)) startEpoch();
    };

    let near = settled;
    while (get("MERGED") < most) {
      if (get("LENGTH") === 0) {
        while (u32[of(get("LOWEST"), CLUSTER.COLUMN)] === NONE) set("LOWEST", get("LOWEST") + 1);
        push(get("LOWEST"));
      }
      const length = get("LENGTH");
      const tip = u32[link(length - 1)]!;
      const before = length < 2 ? NONE : u32[link(length - 2)]!;
      if (near === NONE) {
        const row = catchUp(tip);
        const size = sizeOf(tip);
        const column = before === NONE ? -1 : u32[of(before, CLUSTER.COLUMN)]!;
        const slack = 2 * f64[(state + STATE.TOLERANCE) >>> 3]! * size;
        const width = align(get("COLUMNS"), 16);
        const count = kernels.nearest(row, get("INVERSES"), width, 1 / size, slack, column, get("OUT"));
        if (count !== 1) return count;
        near = u32[(get("NAMES") >>> 2) + u32[(get("OUT") >>> 2) + 2]!]!;
      }
      if (u32[of(near, CLUSTER.IN_CHAIN)] === 0) push(near);
      else {
        set("LENGTH", length - 2);
        u32[of(tip, CLUSTER.IN_CHAIN)] = 0;
        u32[of(before, CLUSTER.IN_CHAIN)] = 0;
        merge(Math.min(tip, before), Math.max(tip, before));
      }
      near = NONE;
    }
    return 0;
  };
}
