/**
 * A stream of numbers in [0, 1), multiples of 2^-32, named by a key: the same key gives the same stream everywhere.
 * xoshiro128++ (Blackman and Vigna 2021) from a state that the finaliser of MurmurHash3 makes of the key.
 */
export function random(...key: readonly number[]): () => number {
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) {
    let hash = Math.imul(word + 1, 0x9e3779b9);
    for (const part of key) hash = mix((hash + Math.imul(part | 0, 0x85ebca6b)) ^ Math.floor(part / 2 ** 32));
    state[word] = mix(hash + word);
  }
  state[0]! |= 1; // a state of zeros would stay at zero
  return () => xoshiro128pp(state) / 2 ** 32;
}

/** The next 32 bits of a state of four words, which is stepped on. */
export function xoshiro128pp(s: Uint32Array): number {
  const sum = (s[0]! + s[3]!) | 0;
  const result = (rotl(sum, 7) + s[0]!) >>> 0;
  const t = s[1]! << 9;
  s[2]! ^= s[0]!;
  s[3]! ^= s[1]!;
  s[1]! ^= s[2]!;
  s[0]! ^= s[3]!;
  s[2]! ^= t;
  s[3] = rotl(s[3]!, 11);
  return result;
}

const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
