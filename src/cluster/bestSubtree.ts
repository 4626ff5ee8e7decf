import { leavesList } from "./leavesList.ts";
import type { Merge } from "./merge.ts";

export interface Subtree {
  /** Node id in SciPy's numbering. */
  node: number;
  size: number;
  height: number;
  precision: number;
  recall: number;
  f1: number;
}

/** The subtree that matches a set of leaves best by F1; the smaller one on a tie. */
export function bestSubtree(Z: readonly Merge[], members: ReadonlySet<number>): Subtree {
  const n = Z.length + 1;
  const inside = new Int32Array(2 * n - 1);
  for (const leaf of leavesList(Z)) inside[leaf] = members.has(leaf) ? 1 : 0;
  let best: Subtree = { node: -1, size: 0, height: 0, precision: 0, recall: 0, f1: -1 };
  const consider = (node: number, size: number, height: number) => {
    const precision = inside[node]! / size;
    const recall = inside[node]! / members.size;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    if (f1 > best.f1 || (f1 === best.f1 && size < best.size)) best = { node, size, height, precision, recall, f1 };
  };
  for (let leaf = 0; leaf < n; leaf++) consider(leaf, 1, 0);
  Z.forEach(([i, j, height, size], step) => {
    inside[n + step] = inside[i]! + inside[j]!;
    consider(n + step, size, height);
  });
  return best;
}
