/**
 * Inner products of sparse rows, block by block, in float32.
 *
 *   1  terms of one document are dropped; the others are frequent (in more than m/24 rows) or rare
 *   2  columns are taken in chunks of 1,024: the chunk's rare terms as postings, its frequent terms as dense tiles of
 *      32 columns
 *   3  rows are taken in blocks of 32: postings are scattered, then each tile is added, eight vectors at a time
 *
 * The sum over a pair's terms runs rare terms first, each kind by rising column, whichever of the two is the row; so
 * the product of a pair has the same bits both ways.
 */
import type { CsrMatrix } from "../text/csrMatrix.ts";
import { type Arena, align } from "./arena.ts";
import type { WardMachine } from "./wardKernels.ts";

/** Columns of a tile and rows of a block. */
export const TILE = 32;
const TILES = 32;
/** Columns of a chunk. */
export const CHUNK = TILE * TILES;
const FREQUENT_SHARE = 1 / 24;
/** Codes of terms, as in wasm/assembly/rows.ts. */
export const FREQUENT = 0x80000000;
export const UNUSED = 0xffffffff;

export interface SparseGram {
  /** f32[32][1024], the products of the last accumulate. */
  readonly acc: number;
  /** Bytes between two rows of acc. */
  readonly stride: number;
  /** Makes the columns first.. of X, at most 1,024, the ones that accumulate multiplies with. */
  loadChunk(first: number): void;
  /** acc = the rows first.. of `rows`, `count` of them, times the chunk's first `nTiles` tiles. */
  accumulate(first: number, count: number, nTiles: number): void;
}

export interface GramPlan {
  /** Memory it needs. */
  readonly bytes: number;
  place(machine: WardMachine, arena: Arena): SparseGram;
}

/**
 * Plans the products of rows of X with all rows of X, each multiplied by `scale`.
 *
 * @param rows which rows of X, in which order; default all
 */
export function sparseGram(X: CsrMatrix, scale: number, rows?: Int32Array): GramPlan {
  const { indptr, indices, data } = X;
  const [m, nTerms] = X.shape;
  const df = new Int32Array(nTerms);
  for (let p = 0; p < indptr[m]!; p++) df[indices[p]!]!++;

  const codes = new Uint32Array(nTerms).fill(UNUSED);
  let nRare = 0;
  let nFrequent = 0;
  let rareEntries = 0;
  let frequentEntries = 0;
  const frequent = Math.max(2, m * FREQUENT_SHARE);
  for (let t = 0; t < nTerms; t++) {
    if (df[t]! < 2) continue;
    if (df[t]! > frequent) {
      codes[t] = FREQUENT + 4 * TILE * nFrequent++;
      frequentEntries += df[t]!;
    } else {
      codes[t] = 4 * nRare++;
      rareEntries += df[t]!;
    }
  }
  let chunkEntries = 0;
  for (let c = 0; c < m; c += CHUNK) {
    chunkEntries = Math.max(chunkEntries, indptr[Math.min(m, c + CHUNK)]! - indptr[c]!);
  }
  const nRows = rows?.length ?? m;
  const tileBytes = nFrequent * TILE * 4;
  const stride = CHUNK * 4;
  const sizes = {
    rare: align(nRows, TILE) * 8,
    frequent: align(nRows, TILE) * 8,
    rareEntries: rareEntries * 8,
    frequentEntries: frequentEntries * 8,
    rareStart: (m + 1) * 4,
    frequentStart: (m + 1) * 4,
    posts: (nRare + 1) * 4,
    next: nRare * 4,
    postEntries: chunkEntries * 8,
    tiles: TILES * tileBytes,
    acc: TILE * stride,
    spare: 0,
  };
  const nnz = indptr[m]!;
  const bytesOfX = 4 * (m + 1) + 12 * nnz + 4 * nTerms + 256;
  sizes.spare = Math.max(0, bytesOfX - sizes.postEntries - sizes.tiles - sizes.acc);

  const place = ({ buffer, kernels }: WardMachine, arena: Arena): SparseGram => {
    const u32 = new Uint32Array(buffer);
    const at = {
      rare: arena.take(sizes.rare),
      frequent: arena.take(sizes.frequent),
      rareEntries: arena.take(sizes.rareEntries),
      frequentEntries: arena.take(sizes.frequentEntries),
      rareStart: arena.take(sizes.rareStart),
      frequentStart: arena.take(sizes.frequentStart),
      posts: arena.take(sizes.posts),
      next: arena.take(sizes.next),
      postEntries: arena.take(sizes.postEntries),
      tiles: arena.take(sizes.tiles),
      acc: arena.take(sizes.acc),
      spare: arena.take(sizes.spare),
    };

    // X lies where the columns of a chunk will, for as long as its rows are split.
    let free = at.postEntries;
    const lay = (values: Int32Array | Uint32Array | Float64Array): number => {
      const to = free;
      new Uint8Array(buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), to);
      free += align(values.byteLength, 64);
      return to;
    };
    const placed = [lay(indptr), lay(indices.subarray(0, nnz)), lay(data.subarray(0, nnz)), lay(codes)] as const;
    u32[at.rareStart >>> 2] = at.rareEntries;
    u32[at.frequentStart >>> 2] = at.frequentEntries;
    kernels.splitRows(m, ...placed, scale, at.rareStart, at.frequentStart);
    const rareStart = u32.subarray(at.rareStart >>> 2, (at.rareStart >>> 2) + m + 1);
    const frequentStart = u32.subarray(at.frequentStart >>> 2, (at.frequentStart >>> 2) + m + 1);
    for (let r = 0; r < nRows; r++) {
      const i = rows ? rows[r]! : r;
      const [rowRare, rowFrequent] = [(at.rare >>> 2) + 2 * r, (at.frequent >>> 2) + 2 * r];
      u32[rowRare] = rareStart[i]!;
      u32[rowRare + 1] = rareStart[i + 1]!;
      u32[rowFrequent] = frequentStart[i]!;
      u32[rowFrequent + 1] = frequentStart[i + 1]!;
    }

    const loadChunk = (first: number): void => {
      const { rareStart, frequentStart, posts, postEntries, next, tiles } = at;
      const last = Math.min(m, first + CHUNK);
      // biome-ignore format: arguments by kind
      kernels.loadChunk(first, last, rareStart, frequentStart, nRare, posts, postEntries, next, tiles, tileBytes, TILES);
    };

    const accumulate = (first: number, count: number, nTiles: number): void => {
      const [rowRare, rowFrequent] = [at.rare + 8 * first, at.frequent + 8 * first];
      kernels.gram(rowRare, rowFrequent, count, at.posts, at.tiles, nTiles, tileBytes, at.acc, stride);
    };
    return { acc: at.acc, stride, loadChunk, accumulate };
  };
  return { bytes: Object.values(sizes).reduce((sum, bytes) => sum + align(bytes, 64), 0), place };
}
