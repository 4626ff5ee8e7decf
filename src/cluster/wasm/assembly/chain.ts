// The nearest-neighbour chain in AssemblyScript, described in ../../nnChain.ts; its twin is ../../plainChain.ts.
import { compact, mergeRows, nearest, replay } from "./ward";

/** Places in the state: u32, but for TOLERANCE. */
const ROWS: usize = 0; // pointer to f32[m][rowBytes / 4] squared distances of centroids
const ROW_BYTES: usize = 4;
const INVERSES: usize = 8; // pointer to f32[columns] 1/size by column, NaN for a dead one
const NAMES: usize = 12; // pointer to u32[columns] cluster of each column
const CLUSTERS: usize = 16; // pointer to the clusters by name, 32 bytes each
const CHAIN: usize = 20; // pointer to u32[m] names
const MERGES: usize = 24; // pointer to u32[m − 1][2] kept, gone
const EPOCHS: usize = 28; // pointer to the epochs' ends, 12 bytes each: log, map, columns that stay
const OUT: usize = 32; // what nearest writes
const LOG_END: usize = 36; // pointer behind the last merge of the log
const MAP_END: usize = 40; // pointer behind the last map
const COLUMNS: usize = 44; // columns of the present epoch
const N_EPOCHS: usize = 48;
const LENGTH: usize = 52; // of the chain
const COUNT: usize = 56; // m
const MERGED: usize = 60;
const LOWEST: usize = 64; // no living name is lower
const TOLERANCE: usize = 72; // f64 error of an entry of the matrix

/** Places in a cluster: f64 size, then u32. */
const COLUMN: usize = 8; // NONE when dead
const EPOCH: usize = 12; // epochs that its row has caught up with
const LOG: usize = 16; // how far its row has replayed the log
const IN_CHAIN: usize = 20;

const NONE: u32 = 0xffffffff;

/**
 * Follows the chain until `most` clusters have merged in all, or until float32 does not tell which cluster is the nearest
 * of the chain's tip.
 *
 * @param settled the nearest of the tip, when it was such a one
 * @returns how many rivals OUT has, 0 when `most` have merged
 */
export function chain(state: usize, most: u32, settled: u32): u32 {
  const clusters = <usize>load<u32>(state, CLUSTERS), links = <usize>load<u32>(state, CHAIN);
  const out = <usize>load<u32>(state, OUT);
  let length = <usize>load<u32>(state, LENGTH);
  let near = settled;
  while (load<u32>(state, MERGED) < most) {
    if (length == 0) {
      let lowest = load<u32>(state, LOWEST);
      while (load<u32>(clusters + 32 * <usize>lowest, COLUMN) == NONE) lowest++;
      store<u32>(state, lowest, LOWEST);
      length = push(links, 0, clusters, lowest);
    }
    const tip = load<u32>(links + 4 * length - 4);
    if (near == NONE) {
      const row = catchUp(state, tip);
      const size = load<f64>(clusters + 32 * <usize>tip);
      const before = length < 2 ? -1 : load<i32>(clusters + 32 * <usize>load<u32>(links + 4 * length - 8), COLUMN);
      const slack = <f32>(2 * load<f64>(state, TOLERANCE) * size);
      const width = (load<u32>(state, COLUMNS) + 15) & ~15;
      const count = nearest(row, load<u32>(state, INVERSES), width, <f32>(1 / size), slack, before, out);
      if (count != 1) {
        store<u32>(state, <u32>length, LENGTH);
        return count;
      }
      near = load<u32>(load<u32>(state, NAMES) + 4 * load<u32>(out, 8));
    }
    if (!load<u32>(clusters + 32 * <usize>near, IN_CHAIN)) length = push(links, length, clusters, near);
    else {
      // Its nearest is the one before it; were it an earlier one, the two would be as near as rounding can tell.
      const before = load<u32>(links + 4 * length - 8);
      length -= 2;
      store<u32>(clusters + 32 * <usize>tip, 0, IN_CHAIN);
      store<u32>(clusters + 32 * <usize>before, 0, IN_CHAIN);
      merge(state, min(tip, before), max(tip, before));
    }
    near = NONE;
  }
  store<u32>(state, <u32>length, LENGTH);
  return 0;
}

@inline
function push(links: usize, length: usize, clusters: usize, name: u32): usize {
  store<u32>(links + 4 * length, name);
  store<u32>(clusters + 32 * <usize>name, 1, IN_CHAIN);
  return length + 1;
}

/** The row of a cluster, with all that happened since it was last read. */
function catchUp(state: usize, name: u32): usize {
  const row = <usize>load<u32>(state, ROWS) + <usize>name * <usize>load<u32>(state, ROW_BYTES);
  const own = <usize>load<u32>(state, CLUSTERS) + 32 * <usize>name;
  const epochs = <usize>load<u32>(state, EPOCHS);
  const nEpochs = load<u32>(state, N_EPOCHS);
  let log = <usize>load<u32>(own, LOG);
  touch(state, row);
  for (let e = load<u32>(own, EPOCH); e < nEpochs; e++) {
    const end = epochs + 12 * <usize>e;
    replay(row, log, load<u32>(end));
    log = load<u32>(end);
    compact(row, load<u32>(end, 4), load<u32>(end, 8));
  }
  replay(row, log, load<u32>(state, LOG_END));
  store<u32>(own, nEpochs, EPOCH);
  store<u32>(own, load<u32>(state, LOG_END), LOG);
  return row;
}

/** Reads a row from end to end, which brings it to the cache faster than the replay, that jumps about. */
@inline
function touch(state: usize, row: usize): void {
  const end = row + 4 * <usize>load<u32>(state, COLUMNS);
  for (; row < end; row += 256) {
    load<u32>(row);
    load<u32>(row, 64);
    load<u32>(row, 128);
    load<u32>(row, 192);
  }
}

function merge(state: usize, kept: u32, gone: u32): void {
  const clusters = <usize>load<u32>(state, CLUSTERS), inverses = <usize>load<u32>(state, INVERSES);
  const rowA = catchUp(state, kept), rowB = catchUp(state, gone);
  const ofKept = clusters + 32 * <usize>kept, ofGone = clusters + 32 * <usize>gone;
  const a = load<f64>(ofKept), b = load<f64>(ofGone);
  const columnA = 4 * load<u32>(ofKept, COLUMN), columnB = 4 * load<u32>(ofGone, COLUMN);
  const alpha = a / (a + b), beta = b / (a + b);
  const gamma = alpha * beta * <f64>load<f32>(rowA + <usize>columnB);
  const columns = load<u32>(state, COLUMNS);
  mergeRows(rowA, rowB, (columns + 15) & ~15, <f32>alpha, <f32>beta, <f32>gamma);
  const entry = <usize>load<u32>(state, LOG_END);
  store<u32>(entry, columnA);
  store<u32>(entry, columnB, 4);
  store<f32>(entry, <f32>alpha, 8);
  store<f32>(entry, <f32>beta, 12);
  store<f32>(entry, <f32>gamma, 16);
  store<u32>(state, <u32>(entry + 20), LOG_END);
  store<u32>(ofKept, <u32>(entry + 20), LOG);
  store<f64>(ofKept, a + b);
  store<u32>(ofGone, NONE, COLUMN);
  store<f32>(inverses + <usize>columnA, <f32>(1 / (a + b)));
  store<f32>(inverses + <usize>columnB, NaN);
  const merged = load<u32>(state, MERGED);
  const names = <usize>load<u32>(state, MERGES) + 8 * <usize>merged;
  store<u32>(names, kept);
  store<u32>(names, gone, 4);
  store<u32>(state, merged + 1, MERGED);
  const alive = load<u32>(state, COUNT) - merged - 1;
  if (columns > 64 && alive < columns / 2) startEpoch(state);
}

/** Drops the columns of the dead. */
function startEpoch(state: usize): void {
  const clusters = <usize>load<u32>(state, CLUSTERS), names = <usize>load<u32>(state, NAMES);
  const inverses = <usize>load<u32>(state, INVERSES);
  const columns = <usize>load<u32>(state, COLUMNS);
  const epoch = <usize>load<u32>(state, EPOCHS) + 12 * <usize>load<u32>(state, N_EPOCHS);
  let map = <usize>load<u32>(state, MAP_END);
  store<u32>(epoch, load<u32>(state, LOG_END));
  store<u32>(epoch, <u32>map, 4);
  let stay: usize = 0;
  for (let c: usize = 0; c < columns; c++) {
    const name = load<u32>(names + 4 * c);
    const own = clusters + 32 * <usize>name;
    if (load<u32>(own, COLUMN) == NONE) continue;
    store<u32>(map, <u32>(4 * c));
    map += 4;
    store<u32>(own, <u32>stay, COLUMN);
    store<u32>(names + 4 * stay, name);
    store<f32>(inverses + 4 * stay, load<f32>(inverses + 4 * c));
    stay++;
  }
  store<u32>(epoch, <u32>stay, 8);
  store<u32>(state, <u32>map, MAP_END);
  store<u32>(state, <u32>stay, COLUMNS);
  store<u32>(state, load<u32>(state, N_EPOCHS) + 1, N_EPOCHS);
}
