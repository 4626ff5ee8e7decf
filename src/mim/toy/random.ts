/**
 * Splittable randomness as values: a key names a stream, `fold` derives a new key, `generator` draws from one.
 * The bits come from Threefry-2x32 with 20 rounds (Salmon et al. 2011, Parallel Random Numbers: As Easy as 1, 2, 3),
 * integer arithmetic only, so a key gives the same draws on every platform. Known-answer vectors stand in the tests.
 */
import { cos, log, sin } from "./exactMath.ts";

/** Two unsigned 32-bit words that name a stream. */
export type Key = readonly [number, number];

/** Draws from one stream, in order. */
export interface Generator {
  /** In [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** In [low, high). */
  range(low: number, high: number): number;
  /** Integer in 0 … n-1. */
  below(n: number): number;
  /** Standard normal, Box-Muller. */
  normal(): number;
  /** One element, all equally likely. */
  pick<T>(from: readonly T[]): T;
  /** A new array with the same elements in random order (Fisher-Yates). */
  shuffle<T>(from: readonly T[]): T[];
}

const rotl = (x: number, by: number) => (x << by) | (x >>> (32 - by));
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** One block of Threefry-2x32-20: two words of key and two of counter to two words, all uint32. */
export function threefry2x32(key: Key, counter: Key): Key {
  const schedule = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda];
  let x0 = (counter[0] + key[0]) | 0;
  let x1 = (counter[1] + key[1]) | 0;
  for (let round = 0; round < 20; round++) {
    x0 = (x0 + x1) | 0;
    x1 = rotl(x1, ROTATIONS[round % 8] as number) ^ x0;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x0 = (x0 + (schedule[s % 3] as number)) | 0;
      x1 = (x1 + (schedule[(s + 1) % 3] as number) + s) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** The key of a whole number from 0 to 2^53 - 1. */
export function keyOf(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed: expected a whole number from 0 to 2^53 - 1, found ${seed}`);
  }
  return [Math.floor(seed / 2 ** 32), seed >>> 0];
}

/** The key of a named or numbered branch; independent of the parent's own draws and of other branches. */
export function fold(key: Key, branch: number | string): Key {
  if (typeof branch === "number") return threefry2x32(key, [branch >>> 0, 1]);
  let hash = 0x811c9dc5; // FNV-1a over UTF-16 units
  for (let i = 0; i < branch.length; i++) hash = Math.imul(hash ^ branch.charCodeAt(i), 0x01000193);
  return threefry2x32(key, [hash >>> 0, 2]);
}

/** A generator over a key's stream: the same key gives the same draws in the same order. */
export function generator(key: Key): Generator {
  let count = 0;
  let spare = 0;
  let hasSpare = false;
  const uniform = (): number => {
    hasSpare = !hasSpare;
    if (!hasSpare) return spare / 2 ** 32;
    const [first, second] = threefry2x32(key, [count++, 0]);
    spare = second;
    return first / 2 ** 32;
  };
  const below = (n: number) => Math.floor(uniform() * n);
  return {
    uniform,
    below,
    range: (low, high) => low + (high - low) * uniform(),
    normal() {
      const radius = Math.sqrt(-2 * log(1 - uniform()));
      return radius * cos(2 * Math.PI * uniform());
    },
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    shuffle(from) {
      const out = from.slice();
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [out[i], out[j]] = [out[j] as (typeof out)[number], out[i] as (typeof out)[number]];
      }
      return out;
    },
  };
}

/** Fills a new array with standard normal draws from one key, both halves of Box-Muller used. */
export function normals(key: Key, n: number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i += 2) {
    const [a, b] = threefry2x32(key, [i >>> 1, 0]);
    const radius = Math.sqrt(-2 * log(1 - a / 2 ** 32));
    const angle = (2 * Math.PI * b) / 2 ** 32;
    out[i] = radius * cos(angle);
    if (i + 1 < n) out[i + 1] = radius * sin(angle);
  }
  return out;
}
