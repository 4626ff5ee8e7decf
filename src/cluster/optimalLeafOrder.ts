/**
 * Optimal leaf order. Bar-Joseph, Gifford and Jaakkola 2001, Fast optimal leaf ordering for hierarchical clustering:
 * of the 2^(n-1) orders in which no two branches of the tree cross, one with the least sum of distances between
 * neighbouring leaves.
 *
 *   M(v, i, j)  shortest path over the leaves of node v from leaf i to leaf j, which lie on different sides of v
 *   T(i, m)     = min over k of M(left, i, k) + D(k, m)        k: where a path that starts at i may leave the left side
 *   M(v, i, j)  = min over m of T(i, m) + M(right, m, j)
 *
 * Two leaves have one lowest common node, so one [n, n] matrix holds all M. Time O(n³), memory O(n²).
 */
import { condensedIndex } from "./cophenet.ts";
import { leavesList } from "./leavesList.ts";
import type { Merge } from "./merge.ts";

/** Leaves of a node stand at places [first, middle) of leavesList on its left and [middle, last) on its right. */
interface Span {
  readonly first: number;
  readonly middle: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

/**
 * @param Z linkage matrix, n - 1 merges
 * @param D condensed distances, n(n - 1)/2
 * @returns [n] leaf ids from left to right, the end with the smaller id first
 */
export function optimalLeafOrder(Z: readonly Merge[], D: Float64Array): Int32Array {
  const n = Z.length + 1;
  const leaves = leavesList(Z);
  const spans = nodeSpans(Z, leaves);
  const distance = square(D, leaves);
  const M = new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) M[i * n + i] = 0;

  /** Places where a path over node v may end when it starts at place i. */
  const farSide = (v: number, i: number): readonly [number, number] => {
    const { first, middle, last } = spans[v]!;
    return last - first === 1 ? [first, last] : i < middle ? [middle, last] : [first, middle];
  };

  const T = new Float64Array(n);
  for (let v = n; v < 2 * n - 1; v++) {
    const { first, middle, last, left, right } = spans[v]!;
    for (let i = first; i < middle; i++) {
      const [kFirst, kLast] = farSide(left, i);
      T.fill(Number.POSITIVE_INFINITY, middle, last);
      for (let k = kFirst; k < kLast; k++) {
        const start = M[i * n + k]!;
        for (let m = middle; m < last; m++) T[m] = Math.min(T[m]!, start + distance[k * n + m]!);
      }
      for (let m = middle; m < last; m++) {
        const start = T[m]!;
        const [jFirst, jLast] = farSide(right, m);
        for (let j = jFirst; j < jLast; j++) M[i * n + j] = Math.min(M[i * n + j]!, start + M[m * n + j]!);
      }
      for (let j = middle; j < last; j++) M[j * n + i] = M[i * n + j]!;
    }
  }

  const order = new Int32Array(n);
  let filled = 0;
  const paths = n > 1 ? [{ v: 2 * n - 2, ...bestEnds() }] : [];
  if (n === 1) order[0] = leaves[0]!;
  while (paths.length > 0) {
    const { v, i, j } = paths.pop()!;
    if (v < n) {
      order[filled++] = leaves[i]!;
      continue;
    }
    const { middle, left, right } = spans[v]!;
    const [near, far] = i < middle ? [left, right] : [right, left];
    const { k, m } = bestCrossing(near, i, far, j);
    paths.push({ v: far, i: m, j }, { v: near, i, j: k });
  }
  return order[0]! <= order[n - 1]! ? order : order.reverse();

  function bestEnds(): { i: number; j: number } {
    const { first, middle, last } = spans[2 * n - 2]!;
    let best = { i: first, j: middle };
    for (let i = first; i < middle; i++) {
      for (let j = middle; j < last; j++) if (M[i * n + j]! < M[best.i * n + best.j]!) best = { i, j };
    }
    return best;
  }

  function bestCrossing(near: number, i: number, far: number, j: number): { k: number; m: number } {
    const [kFirst, kLast] = farSide(near, i);
    const [mFirst, mLast] = farSide(far, j);
    let best = { k: kFirst, m: mFirst };
    let shortest = Number.POSITIVE_INFINITY;
    for (let k = kFirst; k < kLast; k++) {
      for (let m = mFirst; m < mLast; m++) {
        const length = M[i * n + k]! + distance[k * n + m]! + M[m * n + j]!;
        if (length < shortest) {
          shortest = length;
          best = { k, m };
        }
      }
    }
    return best;
  }
}

function nodeSpans(Z: readonly Merge[], leaves: Int32Array): Span[] {
  const spans = new Array<Span>(2 * Z.length + 1);
  leaves.forEach((leaf, at) => {
    spans[leaf] = { first: at, middle: at + 1, last: at + 1, left: leaf, right: leaf };
  });
  Z.forEach(([left, right], step) => {
    const middle = spans[left]!.last;
    spans[leaves.length + step] = { first: spans[left]!.first, middle, last: spans[right]!.last, left, right };
  });
  return spans;
}

/** [n, n] distances between the leaves at places i and j. */
function square(D: Float64Array, leaves: Int32Array): Float64Array {
  const n = leaves.length;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      out[i * n + j] = D[condensedIndex(n, leaves[i]!, leaves[j]!)]!;
      out[j * n + i] = out[i * n + j]!;
    }
  }
  return out;
}
