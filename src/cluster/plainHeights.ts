import { NONE } from "./chainState.ts";
import { STATE } from "./heightsState.ts";
import { rootOf } from "./unionFind.ts";
import type { WardKernels } from "./wardKernels.ts";

/** The heights kernel in TypeScript alone; the twin of wasm/assembly/heights.ts, step by step. */
export function plainHeights(buffer: ArrayBuffer): WardKernels["heights"] {
  const f64 = new Float64Array(buffer);
  const u32 = new Uint32Array(buffer);

  return (state) => {
    const get = (name: keyof typeof STATE): number => u32[(state + STATE[name]) >>> 2]!;
    const ints = (name: keyof typeof STATE): Uint32Array => u32.subarray(get(name) >>> 2);
    const floats = (name: keyof typeof STATE): Float64Array => f64.subarray(get(name) >>> 3);
    const m = get("ROWS");
    const merges = get("MERGES");
    const nodes = m + merges;
    const [left, right] = [ints("LEFT"), ints("RIGHT")];
    const [larger, smaller, path] = [ints("LARGER"), ints("SMALLER"), ints("PATH")];
    const [first, end, leaves, below] = [ints("FIRST"), ints("END"), ints("LEAVES"), ints("BELOW")];
    const [parent, nodeOf] = [ints("PARENT"), ints("NODE")];
    const [indptr, indices, data] = [ints("INDPTR"), ints("INDICES"), floats("DATA")];
    const [size, norm, heights] = [floats("SIZES"), floats("NORMS"), floats("HEIGHTS")];
    const sums = floats("SUMS").subarray(0, get("TERMS"));

    const tree = (): void => {
      for (let i = 0; i < m; i++) {
        parent[i] = i;
        nodeOf[i] = i;
        below[i] = 1;
      }
      for (let s = 0; s < merges; s++) {
        const [a, b] = [rootOf(parent, left[s]!), rootOf(parent, right[s]!)];
        const [x, y] = [nodeOf[a]!, nodeOf[b]!];
        const swap = below[y]! > below[x]!;
        larger[s] = swap ? y : x;
        smaller[s] = swap ? x : y;
        below[m + s] = below[x]! + below[y]!;
        parent[swap ? a : b] = swap ? b : a;
        nodeOf[swap ? b : a] = m + s;
      }
      first.fill(NONE, 0, nodes);
      let placed = 0;
      for (let node = nodes - 1; node >= 0; node--) {
        if (first[node] === NONE) {
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
      for (let s = 0; s < merges; s++) below[larger[s]!] = 0;
    };
    const addRows = (node: number, factor: number): void => {
      for (let l = first[node]!; l < end[node]!; l++) {
        const row = leaves[l]!;
        const times = factor * size[row]!;
        for (let p = indptr[row]!; p < indptr[row + 1]!; p++) sums[indices[p]!]! += times * data[p]!;
      }
    };
    const dotRows = (node: number): number => {
      let dot = 0;
      for (let l = first[node]!; l < end[node]!; l++) {
        const row = leaves[l]!;
        let even = 0;
        let odd = 0;
        for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
          if ((p - indptr[row]!) % 2 === 0) even += sums[indices[p]!]! * data[p]!;
          else odd += sums[indices[p]!]! * data[p]!;
        }
        dot += size[row]! * (even + odd);
      }
      return dot;
    };
    const byDifferences = (a: number, b: number): number => {
      sums.fill(0);
      addRows(a, 1 / size[a]!);
      addRows(b, -1 / size[b]!);
      const square = sums.reduce((sum, difference) => sum + difference * difference, 0);
      sums.fill(0);
      addRows(a, 1);
      return square;
    };

    tree();
    for (let row = 0; row < m; row++) norm[row] = norm[row]! * (size[row]! * size[row]!);
    sums.fill(0);
    for (let top = m; top < nodes; top++) {
      if (below[top] === 0) continue;
      let length = 0;
      let node = top;
      for (; node >= m; node = larger[node - m]!) path[length++] = node;
      addRows(node, 1);
      while (length > 0) {
        const parent = path[--length]!;
        const [a, b] = [larger[parent - m]!, smaller[parent - m]!];
        const [sa, sb] = [size[a]!, size[b]!];
        const dot = dotRows(b);
        const norms = norm[a]! / (sa * sa) + norm[b]! / (sb * sb);
        let square = norms - (2 * dot) / (sa * sb);
        if (square < 1e-3 * norms) square = byDifferences(a, b);
        heights[parent - m] = Math.sqrt(((2 * sa * sb) / (sa + sb)) * square);
        size[parent] = sa + sb;
        norm[parent] = norm[a]! + norm[b]! + 2 * dot;
        if (length > 0) addRows(b, 1);
      }
      sums.fill(0);
    }
  };
}
