import { arena } from "./arena.ts";
import type { Merge } from "./merge.ts";
import { STATE_BYTES } from "./orderState.ts";
import type { FoundMerges } from "./sortMerges.ts";
import type { MakeMachine } from "./wardKernels.ts";

/** What sortMerges gives, by the order kernel of a machine. */
export function orderedMerges(n: number, { left, right, heights }: FoundMerges, makeMachine: MakeMachine): Merge[] {
  const nMerges = heights.length;
  const { buffer, kernels } = makeMachine(8 * n + 76 * nMerges + 1024);
  const { take } = arena();
  const state = take(STATE_BYTES);
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
