import { arena } from "./arena.ts";
import type { Merge } from "./merge.ts";
import { type FoundMerges, sortMerges } from "./sortMerges.ts";
import type { MakeMachine, WardKernels } from "./wardKernels.ts";

/** Places in the state of the order kernel, u32 each; described in wasm/assembly/order.ts. */
const STATE = { LEAVES: 0, MERGES: 4, LEFT: 8, RIGHT: 12, HEIGHTS: 16, ROWS: 20, SCRATCH: 24, BYTES: 28 } as const;

/** What sortMerges gives, by the order kernel of a machine. */
export function orderedMerges(n: number, { left, right, heights }: FoundMerges, makeMachine: MakeMachine): Merge[] {
  const nMerges = heights.length;
  const { buffer, kernels } = makeMachine(8 * n + 76 * nMerges + 1024);
  const { take } = arena();
  const state = take(STATE.BYTES);
  const at = {
    left: take(4 * nMerges),
    right: take(4 * nMerges),
    heights: take(8 * nMerges),
    rows: take(32 * nMerges),
  };
  const scratch = take(8 * n + 28 * nMerges);
  new Uint32Array(buffer).set([n, nMerges, at.left, at.right, at.heights, at.rows, scratch], state / 4);
  new Int32Array(buffer, at.left, nMerges).set(left);
  new Int32Array(buffer, at.right, nMerges).set(right);
  new Float64Array(buffer, at.heights, nMerges).set(heights);
  kernels.order(state);
  const rows = new Float64Array(buffer, at.rows, 4 * nMerges);
  const Z: Merge[] = [];
  for (let r = 0; r < 4 * nMerges; r += 4) Z.push([rows[r]!, rows[r + 1]!, rows[r + 2]!, rows[r + 3]!]);
  return Z;
}

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
