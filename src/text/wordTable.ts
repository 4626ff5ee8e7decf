import { withoutUrls } from "./tokenize.ts";

/** Numbers the distinct words of texts, from 0 in the order they come. */
export interface WordTable {
  /** Puts the numbers of a text's words into `numbers`, in order, and returns how many there are. */
  scan(text: string): number;
  /** [at least what scan returned] */
  numbers(): Int32Array;
  /** Distinct words so far. */
  size(): number;
  word(number: number): string;
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
/** Lower-cased byte of an ASCII word character; 0 of a separator; OTHER of a byte that is not ASCII. */
const ASCII_CLASS = new Uint8Array(256);
const OTHER = 255;
for (const c of "abcdefghijklmnopqrstuvwxyz0123456789_") ASCII_CLASS[c.charCodeAt(0)] = c.charCodeAt(0);
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ASCII_CLASS[c.charCodeAt(0)] = c.charCodeAt(0) + 32;
ASCII_CLASS.fill(OTHER, 128);
const WORD_CHARACTER = /[\p{L}\p{N}_]/u;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/**
 * The tokens of tokenize.ts, numbers among them, found byte by byte: no string is made but for a word that is new. That
 * is several times as fast as a regular expression and a Map of strings.
 */
export function wordTable(): WordTable {
  let bytes = new Uint8Array(1 << 14);
  let numbers = new Int32Array(1 << 10);

  let slots = new Int32Array(1 << 12); // number + 1 of the word at its hash, 0 for none
  let pool = new Uint8Array(1 << 16); // the bytes of all words
  let starts = new Int32Array(1 << 10); // where a word starts in pool; it ends where the next starts
  let hashes = new Int32Array(1 << 10);
  let size = 0;

  const encode = (text: string): number => {
    if (bytes.length < 3 * text.length) bytes = new Uint8Array(6 * text.length);
    return ENCODER.encodeInto(text, bytes).written;
  };

  const scan = (text: string): number => {
    let plain = withoutUrls(text);
    let length = encode(plain);
    if (length !== plain.length) {
      plain = withoutUrls(text.normalize("NFC").toLowerCase());
      length = encode(plain);
    }
    const most = (length >> 1) + 1;
    if (numbers.length < most) numbers = new Int32Array(2 * most);
    const [text8, out, classes] = [bytes, numbers, ASCII_CLASS]; // read once: the loop is hot
    let words = 0;
    let start = 0;
    let characters = 0;
    let hash = FNV_OFFSET;
    for (let at = 0; at < length; ) {
      const kind = classes[text8[at]!]!;
      if (kind === OTHER) {
        const end = at + (text8[at]! < 0xe0 ? 2 : text8[at]! < 0xf0 ? 3 : 4);
        if (isWordCharacter(codePoint(text8, at))) {
          if (characters++ === 0) start = at;
          for (let b = at; b < end; b++) hash = Math.imul(hash ^ text8[b]!, FNV_PRIME);
        } else {
          if (characters > 1) out[words++] = lookUp(start, at, hash);
          characters = 0;
          hash = FNV_OFFSET;
        }
        at = end;
      } else if (kind !== 0) {
        if (characters++ === 0) start = at;
        text8[at++] = kind;
        hash = Math.imul(hash ^ kind, FNV_PRIME);
      } else {
        if (characters > 1) out[words++] = lookUp(start, at, hash);
        characters = 0;
        hash = FNV_OFFSET;
        at++;
      }
    }
    if (characters > 1) out[words++] = lookUp(start, length, hash);
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
    word: (number) => DECODER.decode(pool.subarray(starts[number]!, starts[number + 1]!)),
  };
}

/** `b` with the values of `a` at its beginning. */
export function longer<T extends Uint8Array | Int32Array | Float64Array>(a: T, b: T): T {
  b.set(a);
  return b;
}

/** The character at a byte that begins one of two to four bytes. */
function codePoint(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const second = bytes[at + 1]! & 0x3f;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | second;
  const third = bytes[at + 2]! & 0x3f;
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (second << 6) | third;
  return ((lead & 0x07) << 18) | (second << 12) | (third << 6) | (bytes[at + 3]! & 0x3f);
}

const pages: (Uint8Array | undefined)[] = []; // of 256 characters each, made when first met

function isWordCharacter(code: number): boolean {
  const number = code >> 8;
  let page = pages[number];
  if (!page) {
    page = Uint8Array.from({ length: 256 }, (_, i) => +WORD_CHARACTER.test(String.fromCodePoint(256 * number + i)));
    pages[number] = page;
  }
  return page[code & 255] === 1;
}
