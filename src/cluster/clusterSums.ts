import type { Points } from "./points.ts";

export interface ClusterSums {
  /** [nPoints] leaves in the cluster of each name. */
  readonly sizes: Float64Array;
  /** Squared Ward distance of two clusters in float64, the same bits in either order. */
  cost(a: number, b: number): number;
  /** The cluster named `gone` becomes part of the one named `kept`. */
  merge(kept: number, gone: number): void;
  /** The clusters of these names as points. */
  centroids(names: Int32Array): Points;
}

/** The sum of the vectors of every cluster, sparse, kept up as clusters merge. */
export function clusterSums({ X, sizes: leaves, squares }: Points): ClusterSums {
  const [nPoints, nTerms] = X.shape;
  const sizes = leaves.slice();
  const terms: Int32Array[] = [];
  const sums: Float64Array[] = [];
  for (let i = 0; i < nPoints; i++) {
    terms.push(X.indices.subarray(X.indptr[i]!, X.indptr[i + 1]!));
    const x = X.data.subarray(X.indptr[i]!, X.indptr[i + 1]!);
    sums.push(leaves[i] === 1 ? x : x.map((value) => value * leaves[i]!));
  }
  const norms = squares.map((square, i) => square * leaves[i]! ** 2); // |Σ x|²
  const dense = new Float64Array(nTerms);
  let spread = -1; // the cluster whose sum is in `dense`
  const clear = (): void => {
    if (spread >= 0) for (const t of terms[spread]!) dense[t] = 0;
    spread = -1;
  };

  const dot = (a: number, b: number): number => {
    if (spread !== a && spread !== b) {
      clear();
      spread = a;
      for (let p = 0; p < terms[a]!.length; p++) dense[terms[a]![p]!] = sums[a]![p]!;
    }
    const other = spread === a ? b : a;
    const [otherTerms, otherSums] = [terms[other]!, sums[other]!];
    let sum = 0;
    for (let p = 0; p < otherTerms.length; p++) sum += dense[otherTerms[p]!]! * otherSums[p]!;
    return sum;
  };

  const merge = (kept: number, gone: number): void => {
    norms[kept] = norms[kept]! + norms[gone]! + 2 * dot(kept, gone);
    clear();
    const [ta, tb, sa, sb] = [terms[kept]!, terms[gone]!, sums[kept]!, sums[gone]!];
    const mergedTerms = new Int32Array(ta.length + tb.length);
    const mergedSums = new Float64Array(ta.length + tb.length);
    let p = 0;
    let q = 0;
    let length = 0;
    while (p < ta.length && q < tb.length) {
      const [t, u] = [ta[p]!, tb[q]!];
      mergedTerms[length] = t < u ? t : u;
      mergedSums[length++] = t < u ? sa[p++]! : t > u ? sb[q++]! : sa[p++]! + sb[q++]!;
    }
    for (; p < ta.length; p++) {
      mergedTerms[length] = ta[p]!;
      mergedSums[length++] = sa[p]!;
    }
    for (; q < tb.length; q++) {
      mergedTerms[length] = tb[q]!;
      mergedSums[length++] = sb[q]!;
    }
    terms[kept] = mergedTerms.slice(0, length);
    sums[kept] = mergedSums.slice(0, length);
    terms[gone] = mergedTerms.subarray(0, 0);
    sums[gone] = mergedSums.subarray(0, 0);
    sizes[kept]! += sizes[gone]!;
  };

  return {
    sizes,
    merge,
    cost(a, b) {
      const [na, nb] = [sizes[a]!, sizes[b]!];
      const square = norms[a]! / (na * na) + norms[b]! / (nb * nb) - (2 * dot(a, b)) / (na * nb);
      return Math.max(0, ((2 * na * nb) / (na + nb)) * square);
    },
    centroids(names) {
      const indptr = new Int32Array(names.length + 1);
      names.forEach((name, i) => {
        indptr[i + 1] = indptr[i]! + terms[name]!.length;
      });
      const indices = new Int32Array(indptr.at(-1)!);
      const data = new Float64Array(indptr.at(-1)!);
      names.forEach((name, i) => {
        indices.set(terms[name]!, indptr[i]!);
        const [sum, size] = [sums[name]!, sizes[name]!];
        for (let p = 0; p < sum.length; p++) data[indptr[i]! + p] = sum[p]! / size;
      });
      return {
        X: { indptr, indices, data, shape: [names.length, nTerms] },
        sizes: Float64Array.from(names, (name) => sizes[name]!),
        squares: Float64Array.from(names, (name) => norms[name]! / sizes[name]! ** 2),
      };
    },
  };
}
