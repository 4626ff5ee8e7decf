// The heights of all merges in AssemblyScript, described in ../../exactHeights.ts; its twin is ../../plainHeights.ts.

/** Places in the state, u32 each. Nodes are the m rows, then the merges. */
const ROWS: usize = 0; // m
const MERGES: usize = 4;
const TERMS: usize = 8;
const LARGER: usize = 12; // pointer to u32[merges], the child with more leaves
const SMALLER: usize = 16;
const FIRST: usize = 20; // pointers to u32[nodes]: the leaves of a node are those from FIRST to END
const END: usize = 24;
const LEAVES: usize = 28; // pointer to u32[m] rows
const INDPTR: usize = 32; // X in compressed rows, u32 and f64
const INDICES: usize = 36;
const DATA: usize = 40;
const SIZES: usize = 44; // pointer to f64[nodes], those of the rows given
const NORMS: usize = 48; // pointer to f64[nodes] |Σ x|², those of the rows given
const SUMS: usize = 52; // pointer to f64[terms] zeros
const PATH: usize = 56; // pointer to u32[merges]
const HEIGHTS: usize = 60; // pointer to f64[merges]
const IS_TOP: usize = 64; // pointer to u8[nodes]: no larger child

export function heights(state: usize): void {
  const m = load<u32>(state, ROWS), nodes = m + load<u32>(state, MERGES);
  const larger = load<u32>(state, LARGER), smaller = load<u32>(state, SMALLER), path = load<u32>(state, PATH);
  const size = load<u32>(state, SIZES), norm = load<u32>(state, NORMS), out = load<u32>(state, HEIGHTS);
  const isTop = load<u32>(state, IS_TOP);
  for (let top = m; top < nodes; top++) {
    if (!load<u8>(isTop + top)) continue;
    let length: u32 = 0;
    let node = top;
    for (; node >= m; node = load<u32>(larger + 4 * (node - m))) {
      store<u32>(path + 4 * length, node);
      length++;
    }
    addRows(state, node, 1);
    while (length > 0) {
      length--;
      const parent = load<u32>(path + 4 * length);
      const a = load<u32>(larger + 4 * (parent - m)), b = load<u32>(smaller + 4 * (parent - m));
      const sa = load<f64>(size + 8 * a), sb = load<f64>(size + 8 * b);
      const na = load<f64>(norm + 8 * a), nb = load<f64>(norm + 8 * b);
      const dot = dotRows(state, b);
      const norms = na / (sa * sa) + nb / (sb * sb);
      let square = norms - (2 * dot) / (sa * sb);
      if (square < 1e-3 * norms) square = byDifferences(state, a, b, sa, sb);
      store<f64>(out + 8 * (parent - m), sqrt<f64>(((2 * sa * sb) / (sa + sb)) * square));
      store<f64>(size + 8 * parent, sa + sb);
      store<f64>(norm + 8 * parent, na + nb + 2 * dot);
      if (length > 0) addRows(state, b, 1);
    }
    clear(state, top);
  }
}

/** sums += factor · Σ size · row */
export function addRows(state: usize, node: u32, factor: f64): void {
  const sums = load<u32>(state, SUMS), indices = load<u32>(state, INDICES), data = load<u32>(state, DATA);
  const leaves = load<u32>(state, LEAVES), indptr = load<u32>(state, INDPTR), size = load<u32>(state, SIZES);
  const end = load<u32>(load<u32>(state, END) + 4 * node);
  for (let l = load<u32>(load<u32>(state, FIRST) + 4 * node); l < end; l++) {
    const row = load<u32>(leaves + 4 * l);
    const times = factor * load<f64>(size + 8 * row);
    const to = load<u32>(indptr + 4 * row, 4);
    for (let p = load<u32>(indptr + 4 * row); p < to; p++) {
      const at = sums + 8 * load<u32>(indices + 4 * p);
      store<f64>(at, load<f64>(at) + times * load<f64>(data + 8 * p));
    }
  }
}

/** sums · Σ size · row, the even and the odd entries of a row apart. */
export function dotRows(state: usize, node: u32): f64 {
  const sums = load<u32>(state, SUMS), indices = load<u32>(state, INDICES), data = load<u32>(state, DATA);
  const leaves = load<u32>(state, LEAVES), indptr = load<u32>(state, INDPTR), size = load<u32>(state, SIZES);
  const end = load<u32>(load<u32>(state, END) + 4 * node);
  let dot: f64 = 0;
  for (let l = load<u32>(load<u32>(state, FIRST) + 4 * node); l < end; l++) {
    const row = load<u32>(leaves + 4 * l);
    const to = load<u32>(indptr + 4 * row, 4);
    let even: f64 = 0;
    let odd: f64 = 0;
    let p = load<u32>(indptr + 4 * row);
    for (; p + 1 < to; p += 2) {
      even += load<f64>(sums + 8 * load<u32>(indices + 4 * p)) * load<f64>(data + 8 * p);
      odd += load<f64>(sums + 8 * load<u32>(indices + 4 * p, 4)) * load<f64>(data + 8 * p, 8);
    }
    if (p < to) even += load<f64>(sums + 8 * load<u32>(indices + 4 * p)) * load<f64>(data + 8 * p);
    dot += load<f64>(size + 8 * row) * (even + odd);
  }
  return dot;
}

/** sums = 0 at the columns of the node's rows. */
export function clear(state: usize, node: u32): void {
  const sums = load<u32>(state, SUMS), indices = load<u32>(state, INDICES);
  const leaves = load<u32>(state, LEAVES), indptr = load<u32>(state, INDPTR), terms = load<u32>(state, TERMS);
  const first = load<u32>(load<u32>(state, FIRST) + 4 * node), end = load<u32>(load<u32>(state, END) + 4 * node);
  if (end - first > terms / 512) {
    memory.fill(sums, 0, 8 * terms); // rows have some hundred entries, and writing one after the other is faster
    return;
  }
  for (let l = first; l < end; l++) {
    const row = load<u32>(leaves + 4 * l);
    const to = load<u32>(indptr + 4 * row, 4);
    for (let p = load<u32>(indptr + 4 * row); p < to; p++) store<f64>(sums + 8 * load<u32>(indices + 4 * p), 0);
  }
}

/** |c_a − c_b|² term by term, for centroids so near that the products cancel. The sum of a's rows is in sums, and stays. */
function byDifferences(state: usize, a: u32, b: u32, sa: f64, sb: f64): f64 {
  const sums = load<u32>(state, SUMS), terms = load<u32>(state, TERMS);
  memory.fill(sums, 0, 8 * terms);
  addRows(state, a, 1 / sa);
  addRows(state, b, -1 / sb);
  let square: f64 = 0;
  for (let t: u32 = 0; t < terms; t++) {
    const difference = load<f64>(sums + 8 * t);
    square += difference * difference;
  }
  memory.fill(sums, 0, 8 * terms);
  addRows(state, a, 1);
  return square;
}
