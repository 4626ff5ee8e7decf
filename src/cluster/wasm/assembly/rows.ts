// Lays out sparse rows for the kernel gram, in AssemblyScript; described in ../../sparseGram.ts, twins in
// ../../plainKernels.ts. Entries are 8 bytes: u32 place, f32 weight.

/** Bit of a code that says: a frequent term. */
const FREQUENT: u32 = 0x80000000;
const UNUSED: u32 = 0xffffffff;
const TILE: u32 = 32;

/**
 * Splits the entries of each row into those of rare and of frequent terms, times `scale`.
 *
 * @param indptr u32[rows + 1], with u32 indices and f64 data
 * @param codes u32 of each term: 4·number of a rare one, FREQUENT + 128·number, or UNUSED
 * @param rareStart u32[rows + 1] gets where each row's entries start; the first is set. So does frequentStart
 */
export function splitRows(
  rows: u32, indptr: usize, indices: usize, data: usize, codes: usize, scale: f64, rareStart: usize, frequentStart: usize,
): void {
  let rare = <usize>load<u32>(rareStart), frequent = <usize>load<u32>(frequentStart);
  let p = load<u32>(indptr);
  for (let i: u32 = 0; i < rows; i++) {
    const end = load<u32>(indptr + 4 * i, 4);
    for (; p < end; p++) {
      const code = load<u32>(codes + 4 * load<u32>(indices + 4 * p));
      if (code == UNUSED) continue;
      const weight = <f32>(load<f64>(data + 8 * p) * scale);
      if (code & FREQUENT) {
        store<u32>(frequent, code & ~FREQUENT);
        store<f32>(frequent, weight, 4);
        frequent += 8;
      } else {
        store<u32>(rare, code);
        store<f32>(rare, weight, 4);
        rare += 8;
      }
    }
    store<u32>(rareStart + 4 * i, <u32>rare, 4);
    store<u32>(frequentStart + 4 * i, <u32>frequent, 4);
  }
}

/**
 * Makes the rows first..last the columns of a chunk: rare terms as postings, frequent ones as dense tiles.
 *
 * @param posts u32[nRare + 1] gets where each term's postings start; `entries` has room for all of them
 * @param next u32[nRare]
 * @param tiles f32[tiles][frequent terms][32], `tileBytes` each, `nTiles` of them
 */
export function loadChunk(
  first: u32, last: u32, rareStart: usize, frequentStart: usize, nRare: u32, posts: usize, entries: usize, next: usize,
  tiles: usize, tileBytes: usize, nTiles: u32,
): void {
  const rareEnd = <usize>load<u32>(rareStart + 4 * last);
  memory.fill(next, 0, 4 * nRare);
  for (let e = <usize>load<u32>(rareStart + 4 * first); e < rareEnd; e += 8) {
    const at = next + load<u32>(e);
    store<u32>(at, load<u32>(at) + 1);
  }
  let place = entries;
  for (let t: u32 = 0; t < nRare; t++) {
    const count = load<u32>(next + 4 * t);
    store<u32>(posts + 4 * t, <u32>place);
    store<u32>(next + 4 * t, <u32>place);
    place += 8 * count;
  }
  store<u32>(posts + 4 * nRare, <u32>place);
  memory.fill(tiles, 0, nTiles * tileBytes);
  for (let i = first; i < last; i++) {
    const column = i - first;
    const rowEnd = <usize>load<u32>(rareStart + 4 * i, 4);
    for (let e = <usize>load<u32>(rareStart + 4 * i); e < rowEnd; e += 8) {
      const at = next + load<u32>(e);
      const to = <usize>load<u32>(at);
      store<u32>(to, 4 * column);
      store<f32>(to, load<f32>(e, 4), 4);
      store<u32>(at, <u32>(to + 8));
    }
    const tile = tiles + (column / TILE) * tileBytes + 4 * (column % TILE);
    const frequentEnd = <usize>load<u32>(frequentStart + 4 * i, 4);
    for (let e = <usize>load<u32>(frequentStart + 4 * i); e < frequentEnd; e += 8) {
      store<f32>(tile + load<u32>(e), load<f32>(e, 4));
    }
  }
}
