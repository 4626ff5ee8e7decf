import { condensedIndex } from "./cophenet.ts";
import type { Merge } from "./merge.ts";

/** Two squared distances that differ by less, relatively, are equal. */
const EQUAL = 1e-12;

/**
 * Whether a Ward tree breaks ties by the rule: of pairs of clusters at equal distance the one with the lowest leaf
 * merges first, then the one whose other cluster has the lower lowest leaf. O(n²) time and memory.
 *
 * @param D condensed Euclidean distances
 */
export function followsTieRule(D: Float64Array, Z: readonly Merge[]): boolean {
  const n = Z.length + 1;
  const squares = new Float64Array(n * n); // Ward distances of clusters, by their lowest leaves
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j) squares[i * n + j] = D[condensedIndex(n, i, j)]! ** 2;
  }
  const name = Int32Array.from({ length: 2 * n - 1 }, (_, id) => id);
  const size = new Float64Array(n).fill(1);
  const alive = Array.from({ length: n }, (_, i) => i);
  for (const [row, [i, j]] of Z.entries()) {
    const [a, b] = [Math.min(name[i]!, name[j]!), Math.max(name[i]!, name[j]!)];
    const between = squares[a * n + b]!;
    alive.splice(alive.indexOf(b), 1);
    for (const c of alive) {
      if (c === a) continue;
      const [toA, toB] = [squares[a * n + c]!, squares[b * n + c]!];
      const top = between * (1 + EQUAL);
      if (toA <= top && c < b) return false;
      if (toB <= top && c < a) return false;
      const total = size[a]! + size[b]! + size[c]!;
      const merged = ((size[a]! + size[c]!) * toA + (size[b]! + size[c]!) * toB - size[c]! * between) / total;
      squares[a * n + c] = merged;
      squares[c * n + a] = merged;
    }
    size[a]! += size[b]!;
    name[n + row] = a;
  }
  return true;
}
