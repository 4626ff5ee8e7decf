import { align } from "./arena.ts";
import { plainChain } from "./plainChain.ts";
import { plainHeights } from "./plainHeights.ts";
import { plainOrder } from "./plainOrder.ts";
import { FREQUENT, UNUSED } from "./sparseGram.ts";
import type { MakeMachine, WardKernels } from "./wardKernels.ts";

const TILE = 32;
const RIVALS = 64;

/** A machine in TypeScript alone, for hosts without WASM SIMD; each kernel gives the bits of its WASM twin. */
export const plainMachine: MakeMachine = (bytes) => {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 16) * 16);
  const f32 = new Float32Array(buffer);
  const f64 = new Float64Array(buffer);
  const u32 = new Uint32Array(buffer);
  const { fround } = Math;

  const keep = (list: number, limit: number, k: number, v: number, id: number): void => {
    if (v >= f32[limit]!) return;
    const heap = (list >>> 2) + 2;
    let count = u32[list >>> 2]!;
    let at = 0;
    if (count < k) {
      at = count++;
      u32[list >>> 2] = count;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!after(v, id, heap + 2 * parent)) break;
        u32.copyWithin(heap + 2 * at, heap + 2 * parent, heap + 2 * parent + 2);
        at = parent;
      }
    } else {
      for (let child = 1; child < count; child = 2 * at + 1) {
        const other = heap + 2 * (child + 1);
        if (child + 1 < count && after(f32[other]!, u32[other + 1]!, heap + 2 * child)) child++;
        if (after(v, id, heap + 2 * child)) break;
        u32.copyWithin(heap + 2 * at, heap + 2 * child, heap + 2 * child + 2);
        at = child;
      }
    }
    f32[heap + 2 * at] = v;
    u32[heap + 2 * at + 1] = id;
    if (count === k) f32[limit] = f32[heap]!;
  };
  const after = (v: number, id: number, entry: number): boolean =>
    v > f32[entry]! || (v === f32[entry]! && id > u32[entry + 1]!);
  const within = (entries: number, count: number, limit: number): number => {
    let kept = 0;
    for (let e = 0; e < count; e++) {
      if (f32[entries + 2 * e + 1]! > limit) continue;
      u32.copyWithin(entries + 2 * kept, entries + 2 * e, entries + 2 * e + 2);
      kept++;
    }
    return kept;
  };

  const kernels: Omit<WardKernels, "chain" | "heights" | "order"> = {
    splitRows(rows, indptr, indices, data, codes, scale, rareStart, frequentStart) {
      let rare = u32[rareStart >>> 2]! >>> 2;
      let frequent = u32[frequentStart >>> 2]! >>> 2;
      for (let i = 0; i < rows; i++) {
        for (let p = u32[(indptr >>> 2) + i]!; p < u32[(indptr >>> 2) + i + 1]!; p++) {
          const code = u32[(codes >>> 2) + u32[(indices >>> 2) + p]!]!;
          if (code === UNUSED) continue;
          const weight = f64[(data >>> 3) + p]! * scale;
          if (code >= FREQUENT) {
            u32[frequent++] = code - FREQUENT;
            f32[frequent++] = weight;
          } else {
            u32[rare++] = code;
            f32[rare++] = weight;
          }
        }
        u32[(rareStart >>> 2) + i + 1] = 4 * rare;
        u32[(frequentStart >>> 2) + i + 1] = 4 * frequent;
      }
    },
    loadChunk(first, last, rareStart, frequentStart, nRare, posts, entries, next, tiles, tileBytes, nTiles) {
      const rareOf = rareStart >>> 2;
      const frequentOf = frequentStart >>> 2;
      u32.fill(0, next >>> 2, (next >>> 2) + nRare);
      for (let e = u32[rareOf + first]!; e < u32[rareOf + last]!; e += 8) u32[(next + u32[e >>> 2]!) >>> 2]!++;
      let place = entries;
      for (let t = 0; t < nRare; t++) {
        const count = u32[(next >>> 2) + t]!;
        u32[(posts >>> 2) + t] = place;
        u32[(next >>> 2) + t] = place;
        place += 8 * count;
      }
      u32[(posts >>> 2) + nRare] = place;
      f32.fill(0, tiles >>> 2, (tiles + nTiles * tileBytes) >>> 2);
      for (let i = first; i < last; i++) {
        const column = i - first;
        for (let e = u32[rareOf + i]! >>> 2; e < u32[rareOf + i + 1]! >>> 2; e += 2) {
          const at = (next + u32[e]!) >>> 2;
          const to = u32[at]! >>> 2;
          u32[to] = 4 * column;
          f32[to + 1] = f32[e + 1]!;
          u32[at]! += 8;
        }
        const tile = tiles + Math.floor(column / TILE) * tileBytes + 4 * (column % TILE);
        for (let e = u32[frequentOf + i]! >>> 2; e < u32[frequentOf + i + 1]! >>> 2; e += 2) {
          f32[(tile + u32[e]!) >>> 2] = f32[e + 1]!;
        }
      }
    },
    gram(rare, frequent, count, posts, tiles, nTiles, tileBytes, acc, stride) {
      f32.fill(0, acc >>> 2, (acc + count * stride) >>> 2);
      for (let r = 0; r < count; r++) {
        const row = (acc + r * stride) >>> 2;
        for (let e = u32[(rare >>> 2) + 2 * r]! >>> 2; e < u32[(rare >>> 2) + 2 * r + 1]! >>> 2; e += 2) {
          const term = (posts + u32[e]!) >>> 2;
          const weight = f32[e + 1]!;
          for (let p = u32[term]! >>> 2; p < u32[term + 1]! >>> 2; p += 2) {
            f32[row + (u32[p]! >>> 2)]! += fround(weight * f32[p + 1]!);
          }
        }
      }
      for (let t = 0; t < nTiles; t++) {
        const tile = tiles + t * tileBytes;
        for (let r = 0; r < count; r++) {
          const out = ((acc + r * stride) >>> 2) + t * TILE;
          for (let e = u32[(frequent >>> 2) + 2 * r]! >>> 2; e < u32[(frequent >>> 2) + 2 * r + 1]! >>> 2; e += 2) {
            const k = (tile + u32[e]!) >>> 2;
            const weight = f32[e + 1]!;
            for (let c = 0; c < TILE; c++) f32[out + c]! += fround(weight * f32[k + c]!);
          }
        }
      }
    },
    squaredDistances(acc, stride, rows, columns, rowNorms, columnNorms, D, Dt, matrixStride) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const dot = f32[((acc + r * stride) >>> 2) + c]!;
          const norms = fround(f32[(rowNorms >>> 2) + r]! + f32[(columnNorms >>> 2) + c]!);
          const d = fround(norms - fround(dot + dot));
          f32[((D + r * matrixStride) >>> 2) + c] = d > 0 ? d : 0;
          f32[((Dt + c * matrixStride) >>> 2) + r] = d > 0 ? d : 0;
        }
      }
    },
    replay(row, from, to) {
      for (let at = from >>> 2; at < to >>> 2; at += 5) {
        const kept = (row + u32[at]!) >>> 2;
        const gone = (row + u32[at + 1]!) >>> 2;
        const sum = fround(fround(f32[at + 2]! * f32[kept]!) + fround(f32[at + 3]! * f32[gone]!));
        f32[kept] = sum - f32[at + 4]!;
      }
    },
    mergeRows(a, b, width, alpha, beta, gamma) {
      const [va, vb, vc] = [fround(alpha), fround(beta), fround(gamma)];
      for (let c = 0; c < width; c++) {
        const at = (a >>> 2) + c;
        f32[at] = fround(fround(va * f32[at]!) + fround(vb * f32[(b >>> 2) + c]!)) - vc;
      }
    },
    compact(row, map, width) {
      for (let c = 0; c < width; c++) f32[(row >>> 2) + c] = f32[(row + u32[(map >>> 2) + c]!) >>> 2]!;
      f32.fill(Number.POSITIVE_INFINITY, (row >>> 2) + width, (row >>> 2) + align(width, 16));
    },
    nearest(row, inverseSizes, width, inverseSize, slack, first, out) {
      const entries = (out >>> 2) + 2;
      const own = fround(inverseSize);
      const extra = fround(slack);
      let count = 0;
      let least = Number.POSITIVE_INFINITY;
      let limit = Number.POSITIVE_INFINITY;
      const weighted = (c: number) => fround(f32[(row >>> 2) + c]! / fround(own + f32[(inverseSizes >>> 2) + c]!));
      const reach = (v: number) => fround(v + fround(fround(Math.abs(v) * 2 ** -20) + extra));
      if (first >= 0) {
        least = weighted(first);
        limit = reach(least);
      }
      for (let c = 0; c < width; c++) {
        const v = weighted(c);
        if (!(v <= limit) || v === Number.POSITIVE_INFINITY) continue;
        if (v < least) {
          least = v;
          limit = reach(v);
        }
        if (count === RIVALS) count = within(entries, count, limit);
        if (count === RIVALS) continue;
        u32[entries + 2 * count] = c;
        f32[entries + 2 * count++ + 1] = v;
      }
      f32[out >>> 2] = least;
      return within(entries, count, limit);
    },
    collect(
      acc,
      stride,
      count,
      columns,
      rows,
      columnNorms,
      columnInverses,
      firstColumn,
      k,
      lists,
      listBytes,
      limits,
      both,
    ) {
      for (let r = 0; r < count; r++) {
        const [norm, inverse] = [f32[(rows >>> 2) + 4 * r]!, f32[(rows >>> 2) + 4 * r + 1]!];
        const [id, number] = [u32[(rows >>> 2) + 4 * r + 2]!, u32[(rows >>> 2) + 4 * r + 3]!];
        for (let c = 0; c < columns; c++) {
          const column = firstColumn + c;
          if (both ? column >= id : column === id) continue;
          const dot = f32[((acc + r * stride) >>> 2) + c]!;
          const delta = fround(fround(norm + f32[(columnNorms >>> 2) + c]!) - fround(dot + dot));
          const v = fround(fround(2 * delta) / fround(inverse + f32[(columnInverses >>> 2) + c]!));
          keep(lists + number * listBytes, (limits >>> 2) + number, k, v, column);
          if (both) keep(lists + column * listBytes, (limits >>> 2) + column, k, v, id);
        }
      }
    },
  };
  const larger = { chain: plainChain(buffer, kernels), heights: plainHeights(buffer), order: plainOrder(buffer) };
  return { buffer, kernels: { ...kernels, ...larger } };
};
