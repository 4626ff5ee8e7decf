import { STATE } from "./orderState.ts";
import { sortMerges } from "./sortMerges.ts";
import type { WardKernels } from "./wardKernels.ts";

/** The order kernel in TypeScript alone; the twin of wasm/assembly/order.ts. */
export const plainOrder =
  (buffer: ArrayBuffer): WardKernels["order"] =>
  (state) => {
    const u32 = new Uint32Array(buffer);
    const get = (name: keyof typeof STATE): number => u32[(state + STATE[name]) / 4]!;
    const [n, nMerges] = [get("LEAVES"), get("MERGES")];
    const heights = new Float64Array(buffer, get("HEIGHTS"), nMerges);
    const [left, right] = [new Int32Array(buffer, get("LEFT"), nMerges), new Int32Array(buffer, get("RIGHT"), nMerges)];
    const Z = sortMerges(n, { left, right, heights });
    new Float64Array(buffer, get("ROWS"), 4 * nMerges).set(Z.flat());
    heights.fill(0);
    u32.fill(0, get("SCRATCH") / 4, get("SCRATCH") / 4 + 2 * n + 7 * nMerges);
  };
