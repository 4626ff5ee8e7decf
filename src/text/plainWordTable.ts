import { decodeWords, wordBytes } from "./wordBytes.ts";
import type { WordTable } from "./wordTable.ts";

/** Lower-cased byte of a word; 0 of a separator. */
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  return /[a-z0-9_\x80-\xff]/.test(String.fromCharCode(lower)) ? lower : 0;
});
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** A word table in TypeScript alone: it finds words byte by byte and makes no string of one it knows. */
export function plainWordTable(): WordTable {
  let bytes = new Uint8Array(1 << 14);
  let numbers = new Int32Array(1 << 10);
  let slots = new Int32Array(1 << 12); // number + 1 of the word at its hash, 0 for none
  let pool = new Uint8Array(1 << 16); // the bytes of all words
  let starts = new Int32Array(1 << 10); // where a word starts in pool; it ends where the next starts
  let hashes = new Int32Array(1 << 10);
  let size = 0;

  const scan = (text: string): number => {
    if (bytes.length < 6 * text.length) bytes = new Uint8Array(12 * text.length);
    const length = wordBytes(text, bytes);
    if (numbers.length < length) numbers = new Int32Array(2 * length);
    let words = 0;
    let characters = 0;
    let start = 0;
    let hash = FNV_OFFSET;
    for (let at = 0; at < length; at++) {
      const byte = CLASS[bytes[at]!]!;
      if (byte !== 0) {
        if (characters === 0) start = at;
        if ((byte & 0xc0) !== 0x80) characters++;
        bytes[at] = byte;
        hash = Math.imul(hash ^ byte, FNV_PRIME);
      } else {
        if (characters > 1) numbers[words++] = lookUp(start, at, hash);
        characters = 0;
        hash = FNV_OFFSET;
      }
    }
    if (characters > 1) numbers[words++] = lookUp(start, length, hash);
    return words;
  };

  const lookUp = (start: number, end: number, hash: number): number => {
    const mask = slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (number < 0) return add(slot, start, end, hash);
      if (hashes[number] === hash && isAt(number, start, end)) return number;
    }
  };
  const isAt = (number: number, start: number, end: number): boolean => {
    let p = starts[number]!;
    if (starts[number + 1]! - p !== end - start) return false;
    for (let at = start; at < end; at++) if (pool[p++] !== bytes[at]) return false;
    return true;
  };
  const add = (slot: number, start: number, end: number, hash: number): number => {
    const number = size++;
    slots[slot] = number + 1;
    const from = starts[number]!;
    if (from + end - start > pool.length) pool = longer(pool, new Uint8Array(2 * (pool.length + end - start)));
    pool.set(bytes.subarray(start, end), from);
    if (size + 1 > starts.length) {
      starts = longer(starts, new Int32Array(2 * starts.length));
      hashes = longer(hashes, new Int32Array(2 * hashes.length));
    }
    starts[size] = from + end - start;
    hashes[number] = hash;
    if (2 * size > slots.length) {
      slots = new Int32Array(2 * slots.length);
      const mask = slots.length - 1;
      for (let n = 0; n < size; n++) {
        let free = (hashes[n]! ^ (hashes[n]! >>> 15)) & mask;
        while (slots[free] !== 0) free = (free + 1) & mask;
        slots[free] = n + 1;
      }
    }
    return number;
  };

  return {
    scan,
    numbers: () => numbers,
    size: () => size,
    since: (number) => decodeWords(pool, starts.subarray(number, size + 1)),
  };
}

/** `b` with the values of `a` at its beginning. */
function longer<T extends Uint8Array | Int32Array>(a: T, b: T): T {
  b.set(a);
  return b;
}
