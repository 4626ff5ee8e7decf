import type { Merge } from "./merge.ts";

/** Leaf ids from left to right, each merge's first child on the left. SciPy's leaves_list. */
export function leavesList(Z: readonly Merge[]): Int32Array {
  const n = Z.length + 1;
  const leaves = new Int32Array(n);
  const stack = [2 * n - 2];
  for (let at = 0; at < n; ) {
    const id = stack.pop()!;
    if (id < n) leaves[at++] = id;
    else stack.push(Z[id - n]![1], Z[id - n]![0]);
  }
  return leaves;
}
