// SciPy's order of merges in AssemblyScript, described in ../../sortMerges.ts; its twin is ../../plainOrder.ts.
import { rootOf } from "./heights";

/** Places in the state, u32 each. */
const LEAVES: usize = 0; // n
const MERGES: usize = 4;
const LEFT: usize = 8; // pointers to u32[merges]: what merges, each side by any leaf of it
const RIGHT: usize = 12;
const HEIGHTS: usize = 16; // pointer to f64[merges]; zero in the end
const ROWS: usize = 20; // pointer to f64[merges][4], the linkage matrix
const SCRATCH: usize = 24; // pointer to u32[2 n + 7 merges], zero in the end

let height: usize, low: usize, high: usize;

export function order(state: usize): void {
  const n = load<u32>(state, LEAVES), merges = load<u32>(state, MERGES), scratch = <usize>load<u32>(state, SCRATCH);
  const left = load<u32>(state, LEFT), right = load<u32>(state, RIGHT), rows = <usize>load<u32>(state, ROWS);
  const parent = scratch, node = parent + 4 * n; // the forest's root of a set is its lowest leaf; what the set is
  const one = node + 4 * n, other = one + 4 * merges; // what each merge joins
  low = other + 4 * merges; // what it is sorted by, beside its height
  high = low + 4 * merges;
  height = load<u32>(state, HEIGHTS);
  const first = high + 4 * merges, second = first + 4 * merges, row = second + 4 * merges;
  for (let i: u32 = 0; i < n; i++) {
    store<u32>(parent + 4 * i, i);
    store<u32>(node + 4 * i, i);
  }
  for (let s: u32 = 0; s < merges; s++) {
    const a = rootOf(parent, load<u32>(left + 4 * s)), b = rootOf(parent, load<u32>(right + 4 * s));
    const lowest = min(a, b), highest = max(a, b);
    const x = load<u32>(node + 4 * a), y = load<u32>(node + 4 * b);
    store<u32>(one + 4 * s, x);
    store<u32>(other + 4 * s, y);
    store<u32>(low + 4 * s, lowest);
    store<u32>(high + 4 * s, highest);
    if (x >= n) raiseTo(s, x - n);
    if (y >= n) raiseTo(s, y - n);
    store<u32>(parent + 4 * highest, lowest);
    store<u32>(node + 4 * lowest, n + s);
    store<u32>(first + 4 * s, s);
  }
  const sorted = mergeSort(first, second, merges);
  for (let r: u32 = 0; r < merges; r++) store<u32>(row + 4 * load<u32>(sorted + 4 * r), r);
  for (let r: u32 = 0; r < merges; r++) {
    const s = load<u32>(sorted + 4 * r), to = rows + 32 * r;
    const x = load<u32>(one + 4 * s), y = load<u32>(other + 4 * s);
    const a = x < n ? x : n + load<u32>(row + 4 * (x - n));
    const b = y < n ? y : n + load<u32>(row + 4 * (y - n));
    const ofA = a < n ? 1 : load<f64>(rows + 32 * (a - n), 24), ofB = b < n ? 1 : load<f64>(rows + 32 * (b - n), 24);
    store<f64>(to, min(a, b));
    store<f64>(to, max(a, b), 8);
    store<f64>(to, load<f64>(height + 8 * s), 16);
    store<f64>(to, ofA + ofB, 24);
  }
  memory.fill(height, 0, 8 * merges);
  memory.fill(scratch, 0, 8 * n + 28 * merges);
}

/** A merge never stands before one it contains. */
function raiseTo(s: u32, child: u32): void {
  if (!before(s, child)) return;
  store<f64>(height + 8 * s, load<f64>(height + 8 * child));
  store<u32>(low + 4 * s, load<u32>(low + 4 * child));
  store<u32>(high + 4 * s, load<u32>(high + 4 * child));
}

/** Whether a merge is lower, or as low with lower leaves. */
@inline
function before(s: u32, t: u32): bool {
  const a = load<f64>(height + 8 * s), b = load<f64>(height + 8 * t);
  if (a != b) return a < b;
  const c = load<u32>(low + 4 * s), d = load<u32>(low + 4 * t);
  return c != d ? c < d : load<u32>(high + 4 * s) < load<u32>(high + 4 * t);
}

/** Sorts u32[count] merges, equal ones as they come; returns which of the two arrays they are in. */
function mergeSort(from: usize, to: usize, count: u32): usize {
  for (let width: u32 = 1; width < count; width *= 2) {
    for (let start: u32 = 0; start < count; start += 2 * width) {
      const middle = min(start + width, count), end = min(start + 2 * width, count);
      let a = start, b = middle;
      for (let at = start; at < end; at++) {
        const takeB = a == middle || (b < end && before(load<u32>(from + 4 * b), load<u32>(from + 4 * a)));
        store<u32>(to + 4 * at, load<u32>(from + 4 * (takeB ? b : a)));
        if (takeB) b++;
        else a++;
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}
