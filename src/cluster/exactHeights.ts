import type { Points } from "./points.ts";
import type { MergeOrder } from "./sortMerges.ts";

/**
 * The Ward height of every merge from the vectors, √(2ab/(a + b)) · |c_a − c_b|, in float64, whatever the precision it
 * was found with. Heights of SciPy's linkage within 1e-12.
 *
 * Along each path of larger children the sum of the leaves is carried in a dense vector; a smaller child is multiplied
 * with it, then added. So every leaf takes part at most log₂ n times.
 *
 * @returns [nMerges], in the order of the merges
 */
export function exactHeights(points: Points, { left, right }: MergeOrder): Float64Array {
  const { indptr, indices, data, shape } = points.X;
  const [m, nTerms] = shape;
  const nMerges = left.length;
  const { larger, smaller, first, end, leaves } = tree(m, left, right);

  const size = new Float64Array(m + nMerges);
  const norm = new Float64Array(m + nMerges); // |Σ x|² of a node
  size.set(points.sizes);
  for (let i = 0; i < m; i++) norm[i] = points.squares[i]! * points.sizes[i]! ** 2;
  const heights = new Float64Array(nMerges);
  const S = new Float64Array(nTerms);
  const isTop = new Uint8Array(m + nMerges).fill(1);
  for (const node of larger) isTop[node] = 0;

  const addLeaves = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const leaf = leaves[at]!;
      const times = points.sizes[leaf]!;
      for (let p = indptr[leaf]!; p < indptr[leaf + 1]!; p++) S[indices[p]!]! += times * data[p]!;
    }
  };
  const dotLeaves = (from: number, to: number): number => {
    let dot = 0;
    for (let at = from; at < to; at++) {
      const leaf = leaves[at]!;
      let sum = 0;
      for (let p = indptr[leaf]!; p < indptr[leaf + 1]!; p++) sum += S[indices[p]!]! * data[p]!;
      dot += points.sizes[leaf]! * sum;
    }
    return dot;
  };
  const clearLeaves = (from: number, to: number): void => {
    if ((to - from) * indptr[m]! > 2 * m * nTerms) {
      S.fill(0); // the leaves have more entries than there are terms
      return;
    }
    for (let at = from; at < to; at++) {
      const leaf = leaves[at]!;
      for (let p = indptr[leaf]!; p < indptr[leaf + 1]!; p++) S[indices[p]!] = 0;
    }
  };
  /** |c_a − c_b|² term by term, for centroids so near that the products cancel. */
  const byDifferences = (a: number, b: number): number => {
    const difference = new Map<number, number>();
    for (const [node, sign] of [[a, 1] as const, [b, -1] as const]) {
      for (let at = first[node]!; at < end[node]!; at++) {
        const leaf = leaves[at]!;
        const share = (sign * points.sizes[leaf]!) / size[node]!;
        for (let p = indptr[leaf]!; p < indptr[leaf + 1]!; p++) {
          difference.set(indices[p]!, (difference.get(indices[p]!) ?? 0) + share * data[p]!);
        }
      }
    }
    let sum = 0;
    for (const d of difference.values()) sum += d * d;
    return sum;
  };

  const path: number[] = [];
  for (let top = m; top < m + nMerges; top++) {
    if (!isTop[top]) continue;
    path.length = 0;
    let node = top;
    for (; node >= m; node = larger[node - m]!) path.push(node);
    addLeaves(first[node]!, end[node]!);
    for (let at = path.length - 1; at >= 0; at--) {
      const parent = path[at]!;
      const [a, b] = [larger[parent - m]!, smaller[parent - m]!];
      const [from, to] = [first[b]!, end[b]!];
      const dot = dotLeaves(from, to);
      const [sa, sb] = [size[a]!, size[b]!];
      const norms = norm[a]! / (sa * sa) + norm[b]! / (sb * sb);
      let square = norms - (2 * dot) / (sa * sb);
      if (square < 1e-3 * norms) square = byDifferences(a, b);
      heights[parent - m] = Math.sqrt(((2 * sa * sb) / (sa + sb)) * square);
      size[parent] = sa + sb;
      norm[parent] = norm[a]! + norm[b]! + 2 * dot;
      if (at > 0) addLeaves(from, to);
    }
    clearLeaves(first[top]!, end[top]!);
  }
  return heights;
}

/**
 * The tree of the merges: node m + s is merge s, `larger` and `smaller` its children by number of points below, and
 * the points below a node are leaves[first[node] .. end[node]).
 */
function tree(m: number, left: Int32Array, right: Int32Array) {
  const nMerges = left.length;
  const parent = Int32Array.from({ length: m }, (_, i) => i);
  const nodeOf = parent.slice();
  const find = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const below = new Int32Array(m + nMerges).fill(1, 0, m);
  const larger = new Int32Array(nMerges);
  const smaller = new Int32Array(nMerges);
  for (let s = 0; s < nMerges; s++) {
    const [a, b] = [find(left[s]!), find(right[s]!)];
    const [x, y] = [nodeOf[a]!, nodeOf[b]!];
    const [big, small] = below[y]! > below[x]! ? [y, x] : [x, y];
    larger[s] = big;
    smaller[s] = small;
    below[m + s] = below[x]! + below[y]!;
    const [root, other] = big === x ? [a, b] : [b, a];
    parent[other] = root;
    nodeOf[root] = m + s;
  }
  const first = new Int32Array(m + nMerges);
  const end = new Int32Array(m + nMerges);
  const leaves = new Int32Array(m);
  // Parents have higher numbers than children, and a root starts where the one before it ends.
  let placed = 0;
  const hasParent = new Uint8Array(m + nMerges);
  for (let s = 0; s < nMerges; s++) {
    hasParent[larger[s]!] = 1;
    hasParent[smaller[s]!] = 1;
  }
  for (let node = m + nMerges - 1; node >= 0; node--) {
    if (!hasParent[node]) {
      first[node] = placed;
      placed += below[node]!;
    }
    end[node] = first[node]! + below[node]!;
    if (node < m) leaves[first[node]!] = node;
    else {
      first[larger[node - m]!] = first[node]!;
      first[smaller[node - m]!] = first[node]! + below[larger[node - m]!]!;
    }
  }
  return { larger, smaller, first, end, leaves };
}
