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

  const UNUSED = 0xffffffff;
  const rareTerm = new Uint32Array(nTerms).fill(UNUSED); // column of X -> number among the rare terms
  const frequentTerm = new Uint32Array(nTerms).fill(UNUSED);
  let nRare = 0;
  let nFrequent = 0;
  let rareEntries = 0;
  let frequentEntries = 0;
  const frequent = Math.max(2, m * FREQUENT_SHARE);
  for (let t = 0; t < nTerms; t++) {
    if (df[t]! < 2) continue;
    if (df[t]! > frequent) {
      frequentTerm[t] = nFrequent++;
      frequentEntries += df[t]!;
    } else {
      rareTerm[t] = nRare++;
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
    posts: (nRare + 1) * 4,
    postEntries: chunkEntries * 8,
    tiles: TILES * tileBytes,
    acc: TILE * stride,
  };

  const place = ({ buffer, kernels }: WardMachine, arena: Arena): SparseGram => {
    const u32 = new Uint32Array(buffer);
    const f32 = new Float32Array(buffer);
    const at = {
      rare: arena.take(sizes.rare),
      frequent: arena.take(sizes.frequent),
      rareEntries: arena.take(sizes.rareEntries),
      frequentEntries: arena.take(sizes.frequentEntries),
      posts: arena.take(sizes.posts),
      postEntries: arena.take(sizes.postEntries),
      tiles: arena.take(sizes.tiles),
      acc: arena.take(sizes.acc),
    };

    // Where the entries of each row of X start, as places in u32.
    const rareStart = new Uint32Array(m + 1);
    const frequentStart = new Uint32Array(m + 1);
    let rare = at.rareEntries >>> 2;
    let frequent = at.frequentEntries >>> 2;
    for (let i = 0; i < m; i++) {
      rareStart[i] = rare;
      frequentStart[i] = frequent;
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
        const t = indices[p]!;
        if (rareTerm[t] !== UNUSED) {
          u32[rare++] = rareTerm[t]! * 4;
          f32[rare++] = data[p]! * scale;
        } else if (frequentTerm[t] !== UNUSED) {
          u32[frequent++] = frequentTerm[t]! * TILE * 4;
          f32[frequent++] = data[p]! * scale;
        }
      }
    }
    rareStart[m] = rare;
    frequentStart[m] = frequent;
    for (let r = 0; r < nRows; r++) {
      const i = rows ? rows[r]! : r;
      const [rowRare, rowFrequent] = [(at.rare >>> 2) + 2 * r, (at.frequent >>> 2) + 2 * r];
      u32[rowRare] = 4 * rareStart[i]!;
      u32[rowRare + 1] = 4 * rareStart[i + 1]!;
      u32[rowFrequent] = 4 * frequentStart[i]!;
      u32[rowFrequent + 1] = 4 * frequentStart[i + 1]!;
    }

    const next = new Uint32Array(nRare);
    const loadChunk = (first: number): void => {
      const last = Math.min(m, first + CHUNK);
      next.fill(0);
      for (let e = rareStart[first]!; e < rareStart[last]!; e += 2) next[u32[e]! >>> 2]!++;
      let place = at.postEntries >>> 2;
      for (let t = 0; t < nRare; t++) {
        u32[(at.posts >>> 2) + t] = place * 4;
        const count = next[t]!;
        next[t] = place;
        place += 2 * count;
      }
      u32[(at.posts >>> 2) + nRare] = place * 4;
      f32.fill(0, at.tiles >>> 2, (at.tiles + sizes.tiles) >>> 2);
      for (let i = first; i < last; i++) {
        for (let e = rareStart[i]!; e < rareStart[i + 1]!; e += 2) {
          const t = u32[e]! >>> 2;
          u32[next[t]!] = (i - first) * 4;
          f32[next[t]! + 1] = f32[e + 1]!;
          next[t]! += 2;
        }
        const tile = ((at.tiles + Math.floor((i - first) / TILE) * tileBytes) >>> 2) + ((i - first) % TILE);
        for (let e = frequentStart[i]!; e < frequentStart[i + 1]!; e += 2) f32[tile + (u32[e]! >>> 2)] = f32[e + 1]!;
      }
    };

    const accumulate = (first: number, count: number, nTiles: number): void => {
      const [rowRare, rowFrequent] = [at.rare + 8 * first, at.frequent + 8 * first];
      kernels.gram(rowRare, rowFrequent, count, at.posts, at.tiles, nTiles, tileBytes, at.acc, stride);
    };
    return { acc: at.acc, stride, loadChunk, accumulate };
  };
  return { bytes: Object.values(sizes).reduce((sum, bytes) => sum + align(bytes, 64), 0), place };
}
