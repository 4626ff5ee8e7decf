import { arena } from "./arena.ts";
import { STATE, STATE_BYTES } from "./heightsState.ts";
import type { Points } from "./points.ts";
import type { MergeOrder } from "./sortMerges.ts";
import type { MakeMachine } from "./wardKernels.ts";

/**
 * The Ward height of every merge from the vectors, √(2ab/(a + b)) · |c_a − c_b|, in float64, whatever the precision it
 * was found with. Heights of SciPy's linkage within 1e-12.
 *
 * Along each path of larger children the sum of the leaves is carried in a dense vector; a smaller child is multiplied
 * with it, then added. So every leaf takes part at most log₂ n times.
 *
 * @returns [nMerges], in the order of the merges
 */
export function exactHeights(points: Points, { left, right }: MergeOrder, makeMachine: MakeMachine): Float64Array {
  const { indptr, indices, data, shape } = points.X;
  const m = shape[0];
  const nMerges = left.length;
  const nnz = indptr[m]!;
  const { buffer, kernels } = makeMachine(12 * nnz + 8 * shape[1] + 96 * (m + 1) + 2048);
  const { take } = arena();
  const state = take(STATE_BYTES);
  const fields = new Uint32Array(buffer, state, STATE_BYTES / 4);
  const put = (name: keyof typeof STATE, at: number): void => {
    fields[STATE[name] / 4] = at;
  };
  const ints = (name: keyof typeof STATE, length: number): Int32Array => {
    const at = take(4 * length);
    put(name, at);
    return new Int32Array(buffer, at, length);
  };
  const floats = (name: keyof typeof STATE, length: number): Float64Array => {
    const at = take(8 * length);
    put(name, at);
    return new Float64Array(buffer, at, length);
  };

  put("ROWS", m);
  put("MERGES", nMerges);
  put("TERMS", shape[1]);
  const { larger, smaller, first, end, leaves } = tree(m, left, right);
  ints("LARGER", nMerges).set(larger);
  ints("SMALLER", nMerges).set(smaller);
  ints("FIRST", m + nMerges).set(first);
  ints("END", m + nMerges).set(end);
  ints("LEAVES", m).set(leaves);
  ints("INDPTR", m + 1).set(indptr);
  ints("INDICES", nnz).set(indices.subarray(0, nnz));
  floats("DATA", nnz).set(data.subarray(0, nnz));
  floats("SIZES", m + nMerges).set(points.sizes);
  const norms = floats("NORMS", m + nMerges);
  for (let i = 0; i < m; i++) norms[i] = points.squares[i]! * points.sizes[i]! ** 2;
  floats("SUMS", shape[1]).fill(0);
  ints("PATH", nMerges);
  const heights = floats("HEIGHTS", nMerges);
  const at = take(m + nMerges);
  put("IS_TOP", at);
  const isTop = new Uint8Array(buffer, at, m + nMerges).fill(1);
  for (let s = 0; s < nMerges; s++) isTop[larger[s]!] = 0;
  kernels.heights(state);
  return heights.slice();
}

/**
 * The tree of the merges: node m + s is merge s, `larger` and `smaller` its children by number of points below, and
 * the points below a node are leaves[first[node] .. end[node]).
 */
function tree(m: number, left: Int32Array, right: Int32Array) {
  const nMerges = left.length;
  const parent = new Int32Array(m);
  const nodeOf = new Int32Array(m);
  for (let i = 0; i < m; i++) {
    parent[i] = i;
    nodeOf[i] = i;
  }
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
    const a = find(left[s]!);
    const b = find(right[s]!);
    const x = nodeOf[a]!;
    const y = nodeOf[b]!;
    const swap = below[y]! > below[x]!;
    larger[s] = swap ? y : x;
    smaller[s] = swap ? x : y;
    below[m + s] = below[x]! + below[y]!;
    parent[swap ? a : b] = swap ? b : a;
    nodeOf[swap ? b : a] = m + s;
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
