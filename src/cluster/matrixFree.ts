/**
 * Ward linkage without a matrix of all distances: O(n k + nnz) memory.
 *
 *   1  every cluster gets a list of its k nearest and a limit that all others are beyond (nearestLists.ts)
 *   2  chains of nearest neighbours are followed and closed as in nnChain.ts, but in the lists: a merge that the two
 *      clusters' lists do not prove to be with the nearest has to wait. Ward distances never shrink below the lesser of
 *      the two when clusters merge, so an old distance stays a lower bound and an old limit a limit; for a merged
 *      cluster ab and any c of the others, by the update formula,
 *        d(ab, c) ≥ ((a + c) limit_a + (b + c) limit_b − c d(a, b)) / (a + b + c)
 *   3  when nothing more can be proved, the clusters with no proven neighbour get new lists, and 2 goes on
 *   4  the last few thousand clusters fit into a matrix: nnChain.ts
 *
 * Distances in step 2 are float64, from the sums of the clusters' vectors. Ties as in nnChain.ts.
 */
import { clusterSums } from "./clusterSums.ts";
import { nearestLists } from "./nearestLists.ts";
import { type ChainObserver, nnChain } from "./nnChain.ts";
import type { Points } from "./points.ts";
import type { MergeOrder } from "./sortMerges.ts";
import { rootOf } from "./unionFind.ts";
import type { MakeMachine } from "./wardKernels.ts";

export interface MatrixFreeOptions extends ChainObserver {
  /** Length of a list. */
  readonly k?: number;
  /** Most clusters that are left to a matrix. */
  readonly matrixMost?: number;
}

const EQUAL = 1e-12;
/** A limit is good to float32: a distance beyond it by one rounding is as good as at it. */
const LIMIT_ROUNDING = 2 ** -22;
const NONE = -1;

export function matrixFree(
  points: Points,
  makeMachine: MakeMachine,
  { stage, progress, k = 64, matrixMost = 8192 }: MatrixFreeOptions = {},
): MergeOrder {
  const m = points.X.shape[0];
  const left: number[] = [];
  const right: number[] = [];
  const sums = clusterSums(points);
  const lists = neighbourLists(m, k, sums);

  let stuck = Int32Array.from({ length: m }, (_, i) => i);
  let alive = stuck;
  while (alive.length > matrixMost) {
    stage?.("distances");
    const columnOf = new Int32Array(m);
    alive.forEach((name, c) => {
      columnOf[name] = c;
    });
    const rows = stuck.map((name) => columnOf[name]!);
    const found = nearestLists(sums.centroids(alive), rows, k, makeMachine, progress);
    stuck.forEach((name, r) => {
      const entries = found.ids.subarray(r * k, r * k + found.counts[r]!).map((c) => alive[c]!);
      lists.set(name, entries, found.atLeast.subarray(r * k, r * k + entries.length), found.limits[r]!);
    });
    stage?.("linkage");
    for (const name of stuck) lists.accept(name);
    while (mergeAlongChains() > 0);
    alive = alive.filter((name) => lists.nameOf(name) === name);
    stuck = alive.filter((name) => lists.nearest(name) === NONE);
    progress?.(left.length / m);
  }
  const rest = nnChain(sums.centroids(alive), makeMachine, { stage, progress });
  return {
    left: Int32Array.of(...left, ...rest.left.map((c) => alive[c]!)),
    right: Int32Array.of(...right, ...rest.right.map((c) => alive[c]!)),
  };

  /** One pass over all clusters; returns how many merges were proved. */
  function mergeAlongChains(): number {
    const before = left.length;
    const blocked = new Uint8Array(m); // chains from here end at a cluster without proven neighbour
    const inChain = new Uint8Array(m);
    for (const start of alive) {
      if (lists.nameOf(start) !== start) continue;
      const chain = [start];
      inChain[start] = 1;
      while (chain.length > 0) {
        const tip = chain.at(-1)!;
        const near = blocked[tip] ? NONE : lists.nearest(tip);
        if (near === NONE) {
          for (const name of chain) {
            blocked[name] = 1;
            inChain[name] = 0;
          }
          break;
        }
        if (!inChain[near]) {
          chain.push(near);
          inChain[near] = 1;
          continue;
        }
        const other = chain.at(-2)!;
        chain.length -= 2;
        inChain[tip] = 0;
        inChain[other] = 0;
        left.push(Math.min(tip, other));
        right.push(Math.max(tip, other));
        lists.merge(Math.min(tip, other), Math.max(tip, other));
      }
    }
    return left.length - before;
  }
}

/** The neighbour lists of clusters that merge. */
function neighbourLists(m: number, k: number, sums: ReturnType<typeof clusterSums>) {
  const { sizes } = sums;
  const parent = Int32Array.from({ length: m }, (_, i) => i);
  const version = new Int32Array(m); // grows when a cluster does
  const counts = new Int32Array(m);
  const limits = new Float64Array(m);
  const ids = new Int32Array(m * k);
  const atLeast = new Float64Array(m * k);
  const exactFor = new Int32Array(m * k).fill(NONE); // version of the other cluster for which atLeast is the distance
  const near = new Int32Array(m).fill(NONE);
  const nearVersion = new Int32Array(m);

  const nameOf = (point: number): number => rootOf(parent, point);
  const removeAt = (name: number, e: number): void => {
    const last = name * k + --counts[name]!;
    ids[e] = ids[last]!;
    atLeast[e] = atLeast[last]!;
    exactFor[e] = exactFor[last]!;
  };

  const set = (name: number, entries: Int32Array, bounds: Float64Array, limit: number): void => {
    ids.set(entries, name * k);
    atLeast.set(bounds, name * k);
    exactFor.fill(NONE, name * k, name * k + entries.length);
    counts[name] = entries.length;
    limits[name] = limit;
    near[name] = NONE;
  };

  /** The nearest cluster, or NONE when the list does not prove which it is. */
  const nearest = (name: number): number => {
    const known = near[name]!;
    if (known !== NONE && parent[known] === known && version[known] === nearVersion[name]) return known;
    return look(name, limits[name]! * (1 + LIMIT_ROUNDING));
  };
  /** Takes the nearest of a new list even where float32 rounding leaves a doubt, so that something can merge. */
  const accept = (name: number): void => {
    if (nearest(name) === NONE) look(name, Number.MAX_VALUE);
  };
  const look = (name: number, limit: number): number => {
    near[name] = NONE;
    for (;;) {
      let least = Number.POSITIVE_INFINITY; // of the distances known
      let next = NONE; // the entry with the least bound of those that are not
      let bound = Number.POSITIVE_INFINITY;
      for (let e = name * k; e < name * k + counts[name]!; e++) {
        const other = nameOf(ids[e]!);
        if (other === ids[e] && exactFor[e] === version[other]) least = Math.min(least, atLeast[e]!);
        else if (atLeast[e]! < bound) {
          bound = atLeast[e]!;
          next = e;
        }
      }
      if (next !== NONE && bound <= least * (1 + EQUAL)) {
        const other = nameOf(ids[next]!);
        for (let e = name * k; e < name * k + counts[name]!; ) {
          if (nameOf(ids[e]!) === other) removeAt(name, e);
          else e++;
        }
        if (other === name) continue;
        const e = name * k + counts[name]!++;
        ids[e] = other;
        atLeast[e] = sums.cost(name, other);
        exactFor[e] = version[other]!;
        continue;
      }
      if (!(least <= limit && least <= Number.MAX_VALUE)) return NONE;
      let lowest = Number.POSITIVE_INFINITY;
      for (let e = name * k; e < name * k + counts[name]!; e++) {
        const other = ids[e]!;
        if (parent[other] !== other || exactFor[e] !== version[other]) continue;
        if (atLeast[e]! <= least * (1 + EQUAL)) lowest = Math.min(lowest, other);
      }
      near[name] = lowest;
      nearVersion[name] = version[lowest]!;
      return lowest;
    }
  };

  const place = new Int32Array(m).fill(NONE); // of a cluster in `union`
  const merge = (kept: number, gone: number): void => {
    const [a, b, between] = [sizes[kept]!, sizes[gone]!, sums.cost(kept, gone)];
    const union: { name: number; a: number; b: number }[] = [];
    for (const side of [kept, gone]) {
      for (let e = side * k; e < side * k + counts[side]!; e++) {
        const other = nameOf(ids[e]!);
        if (other === kept || other === gone) continue;
        if (place[other] === NONE) {
          place[other] = union.length;
          union.push({ name: other, a: limits[kept]!, b: limits[gone]! });
        }
        const entry = union[place[other]!]!;
        if (side === kept) entry.a = Math.min(entry.a, atLeast[e]!);
        else entry.b = Math.min(entry.b, atLeast[e]!);
      }
    }
    const merged = (toA: number, toB: number, c: number) => ((a + c) * toA + (b + c) * toB - c * between) / (a + b + c);
    let limit = Math.min(merged(limits[kept]!, limits[gone]!, 1), limits[kept]! + limits[gone]! - between);
    const bounds = union
      .map((entry) => ({ name: entry.name, bound: Math.max(0, merged(entry.a, entry.b, sizes[entry.name]!)) }))
      .sort((x, y) => x.bound - y.bound || x.name - y.name);
    for (const { name } of union) place[name] = NONE;
    if (bounds.length > k) limit = Math.min(limit, bounds[k]!.bound);
    const within = bounds.slice(0, k).filter(({ bound }) => bound <= limit);
    sums.merge(kept, gone);
    parent[gone] = kept;
    version[kept]!++;
    set(
      kept,
      Int32Array.from(within, ({ name }) => name),
      Float64Array.from(within, ({ bound }) => bound),
      limit,
    );
  };
  return { nameOf, set, nearest, accept, merge };
}
