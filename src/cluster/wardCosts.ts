import type { Points } from "./points.ts";

export interface WardCosts {
  /** The cluster named `gone` becomes part of the one named `kept`. */
  merge(kept: number, gone: number): void;
  /** Squared Ward distance of two clusters, 2ab/(a + b) · |c_a − c_b|², the same bits in either order. */
  cost(a: number, b: number): number;
}

/**
 * Float64 distances of clusters, from the centroids of the points in them. A call walks through all their points: it
 * is for the few pairs that float32 cannot tell apart.
 */
export function wardCosts({ X: { indptr, indices, data, shape }, sizes: leaves }: Points): WardCosts {
  const [nPoints, nTerms] = shape;
  const next = new Int32Array(nPoints).fill(-1); // points of a cluster, from its name on
  const last = Int32Array.from(next.keys());
  const size = leaves.slice();
  let difference: Float64Array | undefined; // [nTerms] c_a − c_b, zero between calls

  const add = (cluster: number, sign: number, D: Float64Array): void => {
    for (let i = cluster; i >= 0; i = next[i]!) {
      const share = (sign * leaves[i]!) / size[cluster]!;
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) D[indices[p]!]! += share * data[p]!;
    }
  };
  /** Sum of the squares at the terms of the cluster's points, which are then zero. */
  const drain = (cluster: number, D: Float64Array): number => {
    let sum = 0;
    for (let i = cluster; i >= 0; i = next[i]!) {
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
        const difference = D[indices[p]!]!;
        sum += difference * difference;
        D[indices[p]!] = 0;
      }
    }
    return sum;
  };
  return {
    merge(kept, gone) {
      next[last[kept]!] = gone;
      last[kept] = last[gone]!;
      size[kept]! += size[gone]!;
    },
    cost(a, b) {
      difference ??= new Float64Array(nTerms);
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      add(low, 1, difference);
      add(high, -1, difference);
      const sum = drain(low, difference) + drain(high, difference);
      return ((2 * size[a]! * size[b]!) / (size[a]! + size[b]!)) * sum;
    },
  };
}
