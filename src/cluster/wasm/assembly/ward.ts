// Kernels of the linkage engines, in AssemblyScript. Pointers are byte offsets into the imported memory; every kernel
// has a twin in ../../plainKernels.ts that gives the same bits. Built by scripts/wasm.ts into ../wardModule.ts.
export { chain } from "./chain";
export { loadChunk, splitRows } from "./rows";
export { order } from "./order";
export { addRows, clear, dotRows, heights } from "./heights"; // the loops apart, as V8 optimises between calls

/** Columns of a tile: eight vectors of four. */
const TILE: usize = 32;

/**
 * acc[r][c] = Σ_t rows[r][t] · columns[c][t] for `count` rows and the columns of one chunk.
 *
 * @param rare u32[count][2] where each row's entries (u32 4·term, f32 weight) in rare terms start and end
 * @param frequent u32[count][2] where each row's entries (u32 128·term, f32 weight) in frequent terms start and end
 * @param posts u32[rare terms + 1] pointers to the chunk's postings (u32 4·column, f32 weight)
 * @param tiles f32[nTiles][frequent terms][32] weights of the chunk's columns; `tileBytes` apart
 * @param acc f32[count][stride / 4], nothing need be in it
 */
export function gram(
  rare: usize, frequent: usize, count: i32, posts: usize,
  tiles: usize, nTiles: i32, tileBytes: usize, acc: usize, stride: usize,
): void {
  memory.fill(acc, 0, <usize>count * stride);
  for (let r = 0; r < count; r++) {
    const row = acc + <usize>r * stride;
    const rowEnd = <usize>load<u32>(rare, 4);
    for (let e = <usize>load<u32>(rare); e < rowEnd; e += 8) {
      const term = posts + <usize>load<u32>(e);
      const weight = load<f32>(e, 4);
      const end = <usize>load<u32>(term, 4);
      for (let p = <usize>load<u32>(term); p < end; p += 8) {
        const at = row + <usize>load<u32>(p);
        store<f32>(at, load<f32>(at) + weight * load<f32>(p, 4));
      }
    }
    rare += 8;
  }
  for (let t = 0; t < nTiles; t++) {
    const tile = tiles + <usize>t * tileBytes;
    let out = acc + <usize>t * TILE * 4;
    for (let r: usize = 0; r < <usize>count; r++) {
      let e = <usize>load<u32>(frequent + 8 * r);
      const end = <usize>load<u32>(frequent + 8 * r, 4);
      let a0 = v128.load(out, 0), a1 = v128.load(out, 16), a2 = v128.load(out, 32), a3 = v128.load(out, 48);
      let a4 = v128.load(out, 64), a5 = v128.load(out, 80), a6 = v128.load(out, 96), a7 = v128.load(out, 112);
      for (; e < end; e += 8) {
        const w = v128.load32_splat(e, 4);
        const k = tile + <usize>load<u32>(e);
        a0 = f32x4.add(a0, f32x4.mul(w, v128.load(k, 0)));
        a1 = f32x4.add(a1, f32x4.mul(w, v128.load(k, 16)));
        a2 = f32x4.add(a2, f32x4.mul(w, v128.load(k, 32)));
        a3 = f32x4.add(a3, f32x4.mul(w, v128.load(k, 48)));
        a4 = f32x4.add(a4, f32x4.mul(w, v128.load(k, 64)));
        a5 = f32x4.add(a5, f32x4.mul(w, v128.load(k, 80)));
        a6 = f32x4.add(a6, f32x4.mul(w, v128.load(k, 96)));
        a7 = f32x4.add(a7, f32x4.mul(w, v128.load(k, 112)));
      }
      v128.store(out, a0, 0); v128.store(out, a1, 16); v128.store(out, a2, 32); v128.store(out, a3, 48);
      v128.store(out, a4, 64); v128.store(out, a5, 80); v128.store(out, a6, 96); v128.store(out, a7, 112);
      out += stride;
    }
  }
}

/**
 * D[r][c] = max(0, rowNorms[r] + columnNorms[c] − 2 acc[r][c]), and the same transposed. Counts are multiples of 4.
 *
 * @param D first element of the rows of the block; `Dt` first element of the mirrored block
 */
export function squaredDistances(
  acc: usize, stride: usize, rows: i32, columns: i32, rowNorms: usize, columnNorms: usize,
  D: usize, Dt: usize, matrixStride: usize,
): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r += 4) {
    const n0 = v128.load32_splat(rowNorms, 0), n1 = v128.load32_splat(rowNorms, 4);
    const n2 = v128.load32_splat(rowNorms, 8), n3 = v128.load32_splat(rowNorms, 12);
    let from = acc, to = D, mirror = Dt, norms = columnNorms;
    for (let c = 0; c < columns; c += 4) {
      const q = v128.load(norms);
      const g0 = v128.load(from), g1 = v128.load(from + stride);
      const g2 = v128.load(from + 2 * stride), g3 = v128.load(from + 3 * stride);
      const d0 = f32x4.pmax(zero, f32x4.sub(f32x4.add(n0, q), f32x4.add(g0, g0)));
      const d1 = f32x4.pmax(zero, f32x4.sub(f32x4.add(n1, q), f32x4.add(g1, g1)));
      const d2 = f32x4.pmax(zero, f32x4.sub(f32x4.add(n2, q), f32x4.add(g2, g2)));
      const d3 = f32x4.pmax(zero, f32x4.sub(f32x4.add(n3, q), f32x4.add(g3, g3)));
      v128.store(to, d0);
      v128.store(to + matrixStride, d1);
      v128.store(to + 2 * matrixStride, d2);
      v128.store(to + 3 * matrixStride, d3);
      const low01 = v128.shuffle<f32>(d0, d1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(d0, d1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(d2, d3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(d2, d3, 2, 6, 3, 7);
      v128.store(mirror, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
      v128.store(mirror + matrixStride, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
      v128.store(mirror + 2 * matrixStride, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
      v128.store(mirror + 3 * matrixStride, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
      from += 16; to += 16; norms += 16;
      mirror += 4 * matrixStride;
    }
    acc += 4 * stride; D += 4 * matrixStride; Dt += 16; rowNorms += 16;
  }
}

/** Applies the merges from..to, 20 bytes each (u32 4·kept, u32 4·gone, f32 α, β, γ), to the kept columns of one row. */
export function replay(row: usize, from: usize, to: usize): void {
  for (; from < to; from += 20) {
    const kept = row + <usize>load<u32>(from), gone = row + <usize>load<u32>(from, 4);
    store<f32>(kept, load<f32>(from, 8) * load<f32>(kept) + load<f32>(from, 12) * load<f32>(gone) - load<f32>(from, 16));
  }
}

/** a = α a + β b − γ over `width` columns, a multiple of 4. */
export function mergeRows(a: usize, b: usize, width: i32, alpha: f32, beta: f32, gamma: f32): void {
  const va = f32x4.splat(alpha), vb = f32x4.splat(beta), vc = f32x4.splat(gamma);
  const end = a + <usize>width * 4;
  for (; a < end; a += 16) {
    v128.store(a, f32x4.sub(f32x4.add(f32x4.mul(va, v128.load(a)), f32x4.mul(vb, v128.load(b))), vc));
    b += 16;
  }
}

/** row[c] = row[map[c]] for `width` columns, then +Infinity up to a multiple of 16; map holds u32 4·column, rising. */
export function compact(row: usize, map: usize, width: i32): void {
  let to = row;
  const end = row + <usize>width * 4;
  for (; to < end; to += 4) {
    store<f32>(to, load<f32>(row + <usize>load<u32>(map)));
    map += 4;
  }
  for (; to & 63; to += 4) store<f32>(to, f32.MAX_VALUE * 2);
}

/** Rivals that nearest writes down. */
const RIVALS: u32 = 64;
const RELATIVE: f32 = 2.0 ** -20;

/**
 * The columns whose v = row[c] / (inverseSize + inverseSizes[c]) is within rounding of the least: at most
 * least + 2⁻²⁰ |least| + slack. Rows are 64-byte aligned, `width` is a multiple of 16; columns with +Infinity in the row or
 * NaN in inverseSizes are skipped.
 *
 * @param first a column that is likely near, so that few others have to be looked at closely; -1: none is known
 * @param out gets f32 least, u32 nothing, then (u32 column, f32 v), rising columns, 64 at most
 * @returns how many entries it wrote
 */
export function nearest(
  row: usize, inverseSizes: usize, width: i32, inverseSize: f32, slack: f32, first: i32, out: usize,
): u32 {
  const own = f32x4.splat(inverseSize);
  const entries = out + 8;
  let count: u32 = 0;
  let least: f32 = f32.MAX_VALUE * 2;
  let limit: f32 = least;
  if (first >= 0) {
    const at = 4 * <usize>first;
    least = load<f32>(row + at) / (inverseSize + load<f32>(inverseSizes + at));
    limit = least + (abs(least) * RELATIVE + slack);
  }
  let bound = f32x4.splat(limit + (abs(limit) * RELATIVE + f32.MIN_NORMAL_VALUE));
  for (let c = 0; c < width; c += 16) {
    let near = f32x4.lt(v128.load(row, 0), f32x4.mul(bound, f32x4.add(own, v128.load(inverseSizes, 0))));
    near = v128.or(near, f32x4.lt(v128.load(row, 16), f32x4.mul(bound, f32x4.add(own, v128.load(inverseSizes, 16)))));
    near = v128.or(near, f32x4.lt(v128.load(row, 32), f32x4.mul(bound, f32x4.add(own, v128.load(inverseSizes, 32)))));
    near = v128.or(near, f32x4.lt(v128.load(row, 48), f32x4.mul(bound, f32x4.add(own, v128.load(inverseSizes, 48)))));
    if (v128.any_true(near)) {
      for (let lane: usize = 0; lane < 64; lane += 4) {
        const v = load<f32>(row + lane) / (inverseSize + load<f32>(inverseSizes + lane));
        if (!(v <= limit) || v == f32.MAX_VALUE * 2) continue;
        if (v < least) {
          least = v;
          limit = v + (abs(v) * RELATIVE + slack);
          bound = f32x4.splat(limit + (abs(limit) * RELATIVE + f32.MIN_NORMAL_VALUE));
        }
        if (count == RIVALS) count = within(entries, count, limit);
        if (count == RIVALS) continue;
        store<u32>(entries + 8 * <usize>count, <u32>c + <u32>(lane >> 2));
        store<f32>(entries + 8 * <usize>count, v, 4);
        count++;
      }
    }
    row += 64;
    inverseSizes += 64;
  }
  store<f32>(out, least);
  return within(entries, count, limit);
}

/** Drops the entries beyond the limit; returns how many stay. */
function within(entries: usize, count: u32, limit: f32): u32 {
  let kept: usize = 0;
  for (let e: usize = 0; e < <usize>count; e++) {
    if (load<f32>(entries + 8 * e, 4) > limit) continue;
    store<u64>(entries + 8 * kept, load<u64>(entries + 8 * e));
    kept++;
  }
  return <u32>kept;
}

/**
 * Keeps each row's k nearest columns: for every pair of the block v = 2 (rowNorm + columnNorm − 2 acc) / (1/a + 1/b), the
 * squared Ward distance, goes to the row's list when it is less than the list's limit. With `both` it goes to the
 * column's list as well, and only pairs with column < row are looked at.
 *
 * @param rows what is known of the block's rows, 16 bytes each: f32 norm, f32 1/size, u32 id, u32 number of its list
 * @param columnNorms f32[columns], with the f32[columns] 1/size in columnInverses; columns have the ids firstColumn..,
 *   with `both` the numbers of their lists as well
 * @param lists each `listBytes`: u32 count, u32 nothing, then up to k × (f32 v, u32 id), a heap with its greatest first
 * @param limits f32[lists] the greatest v of a list of k, +Infinity of a shorter one
 * @param scratch 16 bytes
 */
export function collect(
  acc: usize, stride: usize, count: i32, columns: i32, rows: usize,
  columnNorms: usize, columnInverses: usize, firstColumn: u32,
  k: u32, lists: usize, listBytes: usize, limits: usize, both: bool, scratch: usize,
): void {
  const two = f32x4.splat(2);
  const columnLimits = limits + 4 * <usize>firstColumn;
  for (let r = 0; r < count; r++) {
    const norm = v128.load32_splat(rows, 0), inverse = v128.load32_splat(rows, 4);
    const id = load<u32>(rows, 8), number = <usize>load<u32>(rows, 12);
    let limit = v128.load32_splat(limits + 4 * number);
    for (let c = 0; c < columns; c += 4) {
      const at = <usize>c * 4;
      const g = v128.load(acc + at);
      const delta = f32x4.sub(f32x4.add(norm, v128.load(columnNorms + at)), f32x4.add(g, g));
      const v = f32x4.div(f32x4.mul(two, delta), f32x4.add(inverse, v128.load(columnInverses + at)));
      let near = f32x4.lt(v, limit);
      if (both) near = v128.or(near, f32x4.lt(v, v128.load(columnLimits + at)));
      if (!v128.any_true(near)) continue;
      v128.store(scratch, v);
      for (let mask = i32x4.bitmask(near); mask; mask &= mask - 1) {
        const lane = ctz(mask);
        const column = firstColumn + <u32>(c + lane);
        if (both ? column >= id : column == id) continue;
        const value = load<f32>(scratch + <usize>lane * 4);
        keep(lists + number * listBytes, limits + 4 * number, k, value, column);
        if (both) keep(lists + <usize>column * listBytes, limits + 4 * <usize>column, k, value, id);
      }
      limit = v128.load32_splat(limits + 4 * number);
    }
    acc += stride;
    rows += 16;
  }
}

/** Puts (v, id) into a list when it is less than the limit; of equals the one that came first stays. */
function keep(list: usize, limit: usize, k: u32, v: f32, id: u32): void {
  if (v >= load<f32>(limit)) return;
  const heap = list + 8;
  let count = load<u32>(list);
  let at: u32;
  if (count < k) {
    at = count++;
    store<u32>(list, count);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!after(v, id, heap + 8 * <usize>parent)) break;
      store<u64>(heap + 8 * <usize>at, load<u64>(heap + 8 * <usize>parent));
      at = parent;
    }
  } else {
    at = 0;
    for (;;) {
      let child: u32 = 2 * at + 1;
      if (child >= count) break;
      const other: u32 = child + 1;
      if (other < count && after(load<f32>(heap + 8 * <usize>other), load<u32>(heap + 8 * <usize>other, 4), heap + 8 * <usize>child)) {
        child = other;
      }
      if (after(v, id, heap + 8 * <usize>child)) break;
      store<u64>(heap + 8 * <usize>at, load<u64>(heap + 8 * <usize>child));
      at = child;
    }
  }
  store<f32>(heap + 8 * <usize>at, v);
  store<u32>(heap + 8 * <usize>at, id, 4);
  if (count == k) store<f32>(limit, load<f32>(heap));
}

/** Whether (v, id) comes after the entry: farther, or as far with a higher id. */
@inline
function after(v: f32, id: u32, entry: usize): bool {
  const other = load<f32>(entry);
  return v > other || (v == other && id > load<u32>(entry, 4));
}
