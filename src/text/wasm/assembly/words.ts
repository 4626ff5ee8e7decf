// The word table in AssemblyScript; its twin is ../../plainWordTable.ts, which gives the same numbers. Built by
// scripts/wasm.ts into ../wordsModule.ts. Pointers are byte offsets into the imported memory.

/** Places in the state: u32 each. */
const SLOTS: usize = 0; // pointer to u32[mask + 1]: a word's number + 1, 0 for none
const MASK: usize = 4;
const SIZE: usize = 8; // words so far
const STARTS: usize = 12; // pointer to u32[]: where a word's bytes start in the pool; it ends where the next starts
const HASHES: usize = 16; // pointer to u32[]
const POOL: usize = 20; // pointer to the bytes of all words

/**
 * Writes the numbers of a text's words, in order, to u32 `numbers` and returns how many there are. Words are runs of
 * two characters or more of ASCII letters, digits, underscores and bytes that are not ASCII; letters get lower case in
 * place. There is room for all words of the text to be new, and 64 bytes behind text and pool.
 */
export function scan(text: usize, length: u32, numbers: usize, state: usize): u32 {
  let out = numbers;
  let open: i64 = -1; // start of a word that goes on in the next block
  for (let base: u32 = 0; base < length; base += 64) {
    let mask: u64 = 0;
    for (let part: u32 = 0; part < 64; part += 16) {
      const at = text + <usize>(base + part);
      const raw = v128.load(at);
      const upper = i8x16.lt_u(i8x16.sub(raw, i8x16.splat(65)), i8x16.splat(26));
      const bytes = v128.or(raw, v128.and(upper, i8x16.splat(32)));
      v128.store(at, bytes);
      const letter = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(97)), i8x16.splat(26));
      const digit = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(48)), i8x16.splat(10));
      const other = v128.or(i8x16.eq(bytes, i8x16.splat(95)), i8x16.lt_s(bytes, i8x16.splat(0)));
      mask |= <u64><u32>i8x16.bitmask(v128.or(v128.or(letter, digit), other)) << part;
    }
    if (length - base < 64) mask &= (<u64>1 << (length - base)) - 1;
    if (open >= 0) {
      const rest = <u32>ctz(~mask);
      if (rest == 64) continue;
      out = word(text + <usize>open, text + <usize>(base + rest), out, state);
      open = -1;
      mask &= mask + 1;
    }
    while (mask) {
      const start = <u32>ctz(mask);
      const run = <u32>ctz(~(mask >> start));
      if (start + run >= 64) {
        open = <i64>(base + start);
        break;
      }
      out = word(text + <usize>(base + start), text + <usize>(base + start + run), out, state);
      mask &= mask + (<u64>1 << start);
    }
  }
  if (open >= 0) out = word(text + <usize>open, text + <usize>length, out, state);
  return <u32>((out - numbers) >> 2);
}

/** Writes the number of the word from..to, unless it is a single character. */
@inline
function word(from: usize, to: usize, out: usize, state: usize): usize {
  const bytes = to - from;
  const lead = load<u8>(from);
  const character: usize = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (bytes <= character) return out;
  let hash: u64 = bytes;
  for (let at = from; at < to; at += 8) {
    hash = (hash ^ chunk(at, to)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  store<u32>(out, lookUp(from, to, <u32>(hash >> 32), state));
  return out + 4;
}

/** The eight bytes from `at`, those from `to` on as 0. */
@inline
function chunk(at: usize, to: usize): u64 {
  const bytes = load<u64>(at);
  return to - at >= 8 ? bytes : bytes & ((<u64>1 << (<u64>(to - at) << 3)) - 1);
}

function lookUp(from: usize, to: usize, hash: u32, state: usize): u32 {
  const slots = <usize>load<u32>(state, SLOTS);
  const mask = load<u32>(state, MASK);
  const starts = <usize>load<u32>(state, STARTS), hashes = <usize>load<u32>(state, HASHES);
  const pool = <usize>load<u32>(state, POOL);
  let slot = hash & mask;
  while (true) {
    const place = slots + ((<usize>slot) << 2);
    const number = load<u32>(place);
    if (number == 0) return add(place, from, to, hash, state);
    const known = <usize>(number - 1) << 2;
    if (load<u32>(hashes + known) == hash && isSame(from, to, pool, starts + known)) return number - 1;
    slot = (slot + 1) & mask;
  }
}

/** Whether the bytes from..to are those of the word whose start is stored at `starts`. */
@inline
function isSame(from: usize, to: usize, pool: usize, starts: usize): bool {
  let at = pool + <usize>load<u32>(starts);
  const end = pool + <usize>load<u32>(starts, 4);
  if (end - at != to - from) return false;
  for (; from < to; from += 8) {
    if (chunk(from, to) != chunk(at, end)) return false;
    at += 8;
  }
  return true;
}

function add(slot: usize, from: usize, to: usize, hash: u32, state: usize): u32 {
  const number = load<u32>(state, SIZE);
  store<u32>(slot, number + 1);
  store<u32>(state, number + 1, SIZE);
  const starts = <usize>load<u32>(state, STARTS) + 4 * <usize>number;
  const start = load<u32>(starts);
  memory.copy(<usize>load<u32>(state, POOL) + <usize>start, from, to - from);
  store<u32>(starts, start + <u32>(to - from), 4);
  store<u32>(<usize>load<u32>(state, HASHES) + 4 * <usize>number, hash);
  return number;
}

/** Puts all words into the slots, which are empty. */
export function fillSlots(state: usize): void {
  const slots = <usize>load<u32>(state, SLOTS), hashes = <usize>load<u32>(state, HASHES);
  const mask = load<u32>(state, MASK), size = load<u32>(state, SIZE);
  for (let number: u32 = 0; number < size; number++) {
    let slot = load<u32>(hashes + 4 * <usize>number) & mask;
    while (load<u32>(slots + 4 * <usize>slot) != 0) slot = (slot + 1) & mask;
    store<u32>(slots + 4 * <usize>slot, number + 1);
  }
}
