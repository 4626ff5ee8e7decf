import type { Merge } from "./merge.ts";
import { sortMerges } from "./sortMerges.ts";

/**
 * Ward linkage of condensed Euclidean distances by the nearest-neighbour chain (Murtagh 1983) in float64 and O(n²) time:
 * what a bootstrap of a small corpus calls a thousand times, where setting up an engine would cost more than the work.
 */
export function chainLinkage(D: Float64Array): Merge[] {
  const n = (1 + Math.sqrt(1 + 8 * D.length)) / 2;
  const squares = squareOfDistances(D, n); // [n, n]; a cluster keeps the row of its lowest leaf
  const size = new Float64Array(n).fill(1);
  const alive = Int32Array.from({ length: n }, (_, i) => i);
  let nAlive = n;
  const left = new Int32Array(n - 1);
  const right = new Int32Array(n - 1);
  const heights = new Float64Array(n - 1);
  const chain = new Int32Array(n);
  let length = 0;
  for (let merged = 0; merged < n - 1; ) {
    if (length === 0) chain[length++] = alive[0]!;
    const tip = chain[length - 1]!;
    const previous = length > 1 ? chain[length - 2]! : -1;
    let nearest = previous; // on a tie the chain turns back, so it ends
    let least = previous < 0 ? Number.POSITIVE_INFINITY : squares[tip * n + previous]!;
    for (let at = 0; at < nAlive; at++) {
      const other = alive[at]!;
      if (other !== tip && squares[tip * n + other]! < least) {
        nearest = other;
        least = squares[tip * n + other]!;
      }
    }
    if (nearest !== previous) {
      chain[length++] = nearest;
      continue;
    }
    length -= 2;
    const kept = Math.min(tip, nearest);
    const gone = Math.max(tip, nearest);
    left[merged] = kept;
    right[merged] = gone;
    heights[merged++] = Math.sqrt(least);
    alive.copyWithin(alive.indexOf(gone), alive.indexOf(gone) + 1, nAlive--);
    for (let at = 0; at < nAlive; at++) {
      const other = alive[at]!;
      if (other === kept) continue;
      const [a, b, c] = [size[kept]!, size[gone]!, size[other]!];
      const square = // Lance and Williams's update for Ward
        ((a + c) * squares[kept * n + other]! + (b + c) * squares[gone * n + other]! - c * least) / (a + b + c);
      squares[kept * n + other] = square;
      squares[other * n + kept] = square;
    }
    size[kept]! += size[gone]!;
  }
  return sortMerges(n, { left, right, heights });
}

function squareOfDistances(D: Float64Array, n: number): Float64Array {
  const squares = new Float64Array(n * n);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const d = D[at++]!;
      squares[i * n + j] = d * d;
      squares[j * n + i] = d * d;
    }
  }
  return squares;
}
