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
  const last = Int32Array.from({ length: nPoints }, (_, i) => i);
  const size = leaves.slice();
  let difference: Float64Array | undefined; // [nTerms] c_a − c_b, zero between calls
  const touched: number[] = [];

  const add = (cluster: number, sign: number, D: Float64Array): void => {
    for (let i = cluster; i >= 0; i = next[i]!) {
      const share = (sign * leaves[i]!) / size[cluster]!;
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
        D[indices[p]!]! += share * data[p]!;
        touched.push(indices[p]!);
      }
    }
  };
  return {
    merge(kept, gone) {
      next[last[kept]!] = gone;
      last[kept] = last[gone]!;
      size[kept]! += size[gone]!;
    },
    cost(a, b) {
      difference ??= new Float64Array(nTerms);
      add(Math.min(a, b), 1, difference);
      add(Math.max(a, b), -1, difference);
      let sum = 0;
      for (const t of touched) {
        sum += difference[t]! * difference[t]!;
        difference[t] = 0;
      }
      touched.length = 0;
      return ((2 * size[a]! * size[b]!) / (size[a]! + size[b]!)) * sum;
    },
  };
}
