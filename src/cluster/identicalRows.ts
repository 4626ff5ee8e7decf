import type { CsrMatrix } from "../text/csrMatrix.ts";

/**
 * Rows with the same values at the same columns, bit by bit (0 and −0 are the same).
 *
 * @returns [nRows] for each row the lowest row that equals it
 */
export function identicalRows({ indptr, indices, data, shape: [nRows] }: CsrMatrix): Int32Array {
  const bits = new Float64Array(1);
  const halves = new Int32Array(bits.buffer);
  const hash = (i: number): number => {
    const [start, end] = [indptr[i]!, indptr[i + 1]!];
    const step = Math.max(1, (end - start) >> 3); // eight entries tell almost all rows apart
    let h = end - start;
    for (let p = start; p < end; p += step) {
      bits[0] = data[p]! + 0;
      h = Math.imul(h ^ indices[p]!, 0x9e3779b1);
      h = Math.imul(h ^ (h >>> 15) ^ halves[0]! ^ Math.imul(halves[1]!, 0x85ebca6b), 0xc2b2ae35);
    }
    return h ^ (h >>> 16);
  };
  const same = (i: number, j: number): boolean => {
    const shift = indptr[j]! - indptr[i]!;
    if (indptr[i + 1]! + shift !== indptr[j + 1]!) return false;
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      if (indices[p] !== indices[p + shift] || data[p] !== data[p + shift]) return false;
    }
    return true;
  };
  const first = new Int32Array(nRows);
  const byHash = new Map<number, number[]>();
  for (let i = 0; i < nRows; i++) {
    const h = hash(i);
    const known = byHash.get(h);
    first[i] = known?.find((j) => same(j, i)) ?? i;
    if (!known) byHash.set(h, [i]);
    else if (first[i] === i) known.push(i);
  }
  return first;
}
