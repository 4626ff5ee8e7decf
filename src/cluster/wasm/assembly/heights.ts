// The heights of all merges in AssemblyScript, described in ../../exactHeights.ts; its twin is ../../plainHeights.ts.

/** Places in the state, u32 each. Nodes are the m rows, then the merges. */
const ROWS: usize = 0; // m
const MERGES: usize = 4;
const TERMS: usize = 8;
const LEFT: usize = 12; // pointers to u32[merges]: what merges, each side by any row of it
const RIGHT: usize = 16;
const INDPTR: usize = 20; // X in compressed rows, u32 and f64
const INDICES: usize = 24;
const DATA: usize = 28;
const SIZES: usize = 32; // pointer to f64[nodes], those of the rows given
const NORMS: usize = 36; // pointer to f64[nodes] |Σ x|²; given are the |x|² of the rows
const HEIGHTS: usize = 40; // pointer to f64[merges]
const LARGER: usize = 44; // pointers to u32[merges]: children, the one with more rows below it first
const SMALLER: usize = 48;
const FIRST: usize = 52; // pointers to u32[nodes]: the rows below a node are LEAVES[FIRST .. END)
const END: usize = 56;
const LEAVES: usize = 60; // pointer to u32[m]
const BELOW: usize = 64; // pointer to u32[nodes], rows below a node, in the end 0 of a larger child
const PARENT: usize = 68; // pointer to u32[m], of the forest that finds a cluster by a row of it
const NODE: usize = 72; // pointer to u32[m], the cluster of a row that is the forest's root
const PATH: usize = 76; // pointer to u32[merges]
const SUMS: usize = 80; // pointer to f64[terms]

const NONE: u32 = 0xffffffff;

export function heights(state: usize): void {
  const m = load<u32>(state, ROWS), nodes = m + load<u32>(state, MERGES);
  const larger = load<u32>(state, LARGER), smaller = load<u32>(state, SMALLER), path = load<u32>(state, PATH);
  const size = load<u32>(state, SIZES), norm = load<u32>(state, NORMS), out = load<u32>(state, HEIGHTS);
  tree(state);
  for (let row: u32 = 0; row < m; row++) {
    const s = load<f64>(size + 8 * row);
    store<f64>(norm + 8 * row, load<f64>(norm + 8 * row) * (s * s));
  }
  memory.fill(load<u32>(state, SUMS), 0, 8 * load<u32>(state, TERMS));
  const below = load<u32>(state, BELOW);
  for (let top = m; top < nodes; top++) {
    if (!load<u32>(below + 4 * top)) continue;
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

/** The tree of the merges: larger and smaller children, and the rows below each node, one after the other. */
function tree(state: usize): void {
  const m = load<u32>(state, ROWS), merges = load<u32>(state, MERGES), nodes = m + merges;
  const left = load<u32>(state, LEFT), right = load<u32>(state, RIGHT);
  const larger = load<u32>(state, LARGER), smaller = load<u32>(state, SMALLER), below = load<u32>(state, BELOW);
  const first = load<u32>(state, FIRST), last = load<u32>(state, END), leaves = load<u32>(state, LEAVES);
  const parent = load<u32>(state, PARENT), node = load<u32>(state, NODE);
  for (let i: u32 = 0; i < m; i++) {
    store<u32>(parent + 4 * i, i);
    store<u32>(node + 4 * i, i);
    store<u32>(below + 4 * i, 1);
  }
  for (let s: u32 = 0; s < merges; s++) {
    const a = rootOf(parent, load<u32>(left + 4 * s)), b = rootOf(parent, load<u32>(right + 4 * s));
    const x = load<u32>(node + 4 * a), y = load<u32>(node + 4 * b);
    const ofX = load<u32>(below + 4 * x), ofY = load<u32>(below + 4 * y);
    const swap = ofY > ofX;
    store<u32>(larger + 4 * s, swap ? y : x);
    store<u32>(smaller + 4 * s, swap ? x : y);
    store<u32>(below + 4 * (m + s), ofX + ofY);
    store<u32>(parent + 4 * (swap ? a : b), swap ? b : a);
    store<u32>(node + 4 * (swap ? b : a), m + s);
  }
  // Parents have higher numbers than children, and a root starts where the one before it ends.
  memory.fill(first, 0xff, 4 * nodes);
  let placed: u32 = 0;
  for (let i: u32 = nodes; i > 0; i--) {
    const at = i - 1, rows = load<u32>(below + 4 * at);
    let start = load<u32>(first + 4 * at);
    if (start == NONE) {
      start = placed;
      placed += rows;
      store<u32>(first + 4 * at, start);
    }
    store<u32>(last + 4 * at, start + rows);
    if (at < m) store<u32>(leaves + 4 * start, at);
    else {
      const big = load<u32>(larger + 4 * (at - m));
      store<u32>(first + 4 * big, start);
      store<u32>(first + 4 * load<u32>(smaller + 4 * (at - m)), start + load<u32>(below + 4 * big));
    }
  }
  for (let s: u32 = 0; s < merges; s++) store<u32>(below + 4 * load<u32>(larger + 4 * s), 0);
}

/** The root of a row's tree in the forest; the way there is halved. */
@inline
export function rootOf(parent: usize, row: u32): u32 {
  let at = row;
  let up = load<u32>(parent + 4 * at);
  while (up != at) {
    const next = load<u32>(parent + 4 * up);
    store<u32>(parent + 4 * at, next);
    at = next;
    up = load<u32>(parent + 4 * at);
  }
  return at;
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
