/**
 * Porter's stem of a lower-cased English word: Porter 1980, An algorithm for suffix stripping, steps 1a to 5b, with the
 * two rules its author added later (BLI for ABLI, LOGI). A word with anything but a–z in it is its own stem. Ten times as
 * fast as natural's stemmer, which differs where a vowel follows the vowel y ("cyanide").
 *
 *   V, C      runs of vowels and of consonants; y is a vowel after a consonant
 *   m         how often VC occurs in what precedes a suffix
 *   *v* *d *o  a vowel in it; a double consonant at its end; consonant, vowel, consonant but w, x, y at its end
 */
export function stem(word: string): string {
  if (word.length < 3) return word;
  if (letters.length < word.length + 1) letters = new Uint8Array(2 * word.length);
  length = word.length;
  for (let i = 0; i < length; i++) {
    const letter = word.charCodeAt(i);
    if (letter < 97 || letter > 122) return word;
    letters[i] = letter;
  }
  step1a();
  step1b();
  step1c();
  replaceLongest(STEP2, 0);
  replaceLongest(STEP3, 0);
  step4();
  step5();
  let same = 0;
  while (same < length && letters[same] === word.charCodeAt(same)) same++;
  return word.slice(0, same) + String.fromCharCode(...letters.subarray(same, length));
}

// The word at hand; steps change it in place.
let letters = new Uint8Array(64);
let length = 0;

const [A, E, I, L, N, O, S, T, U, W, X, Y, Z] = [..."aeilnostuwxyz"].map((letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

interface Rule {
  readonly suffix: Uint8Array;
  readonly by: Uint8Array;
}

/** Rules by their last letter; longer suffixes first. */
function rules(list: string): ReadonlyMap<number, readonly Rule[]> {
  const parsed = list.split(/\s+/).map((rule) => rule.split(":") as [string, string]);
  parsed.sort(([a], [b]) => b.length - a.length);
  return Map.groupBy(
    parsed.map(([suffix, by]) => ({ suffix: bytes(suffix), by: bytes(by) })),
    ({ suffix }) => suffix.at(-1)!,
  );
}

const STEP2 = rules(
  `ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble alli:al entli:ent eli:e ousli:ous ization:ize ation:ate
  ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive biliti:ble logi:log`,
);
const STEP3 = rules("icate:ic ative: alize:al iciti:ic ical:ic ful: ness:");
const STEP4 = rules(
  "al: ance: ence: er: ic: able: ible: ant: ement: ment: ent: ion: ou: ism: ate: iti: ous: ive: ize:",
);

function isVowel(i: number): boolean {
  const letter = letters[i]!;
  if (letter === A || letter === E || letter === I || letter === O || letter === U) return true;
  return letter === Y && i > 0 && !isVowel(i - 1);
}

/** m of the first `end` letters. */
function measure(end: number): number {
  let m = 0;
  let afterVowel = false;
  for (let i = 0; i < end; i++) {
    const vowel = isVowel(i);
    if (afterVowel && !vowel) m++;
    afterVowel = vowel;
  }
  return m;
}

function hasVowel(end: number): boolean {
  for (let i = 0; i < end; i++) if (isVowel(i)) return true;
  return false;
}

const endsDouble = (end: number): boolean => end > 1 && letters[end - 1] === letters[end - 2] && !isVowel(end - 1);

function endsCvc(end: number): boolean {
  if (end < 3 || isVowel(end - 1) || !isVowel(end - 2) || isVowel(end - 3)) return false;
  const last = letters[end - 1]!;
  return last !== W && last !== X && last !== Y;
}

function ends(suffix: Uint8Array): boolean {
  const start = length - suffix.length;
  if (start < 0) return false;
  for (let i = suffix.length - 1; i >= 0; i--) if (letters[start + i] !== suffix[i]) return false;
  return true;
}

function append(tail: Uint8Array): void {
  for (let i = 0; i < tail.length; i++) letters[length++] = tail[i]!;
}

/** The rule with the longest suffix decides; it replaces when the measure of what precedes is above `above`. */
function replaceLongest(list: typeof STEP2, above: number): void {
  const rule = list.get(letters[length - 1]!)?.find(({ suffix }) => ends(suffix));
  if (!rule || measure(length - rule.suffix.length) <= above) return;
  length -= rule.suffix.length;
  append(rule.by);
}

const [SSES, IES, EED, ED, ING, AT, BL, IZ] = ["sses", "ies", "eed", "ed", "ing", "at", "bl", "iz"].map(bytes) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

function step1a(): void {
  if (letters[length - 1] !== S) return;
  if (ends(SSES) || ends(IES)) length -= 2;
  else if (letters[length - 2] !== S) length--;
}

function step1b(): void {
  if (ends(EED)) {
    if (measure(length - 3) > 0) length--;
    return;
  }
  const suffix = ends(ED) ? 2 : ends(ING) ? 3 : 0;
  if (suffix === 0 || !hasVowel(length - suffix)) return;
  length -= suffix;
  const last = letters[length - 1]!;
  if (ends(AT) || ends(BL) || ends(IZ)) letters[length++] = E;
  else if (endsDouble(length)) {
    if (last !== L && last !== S && last !== Z) length--;
  } else if (measure(length) === 1 && endsCvc(length)) letters[length++] = E;
}

function step1c(): void {
  if (letters[length - 1] === Y && hasVowel(length - 1)) letters[length - 1] = I;
}

function step4(): void {
  const rule = STEP4.get(letters[length - 1]!)?.find(({ suffix }) => ends(suffix));
  if (!rule) return;
  const end = length - rule.suffix.length;
  if (letters[length - 1] === N) {
    const before = letters[end - 1]; // (S or T) ION
    if (before !== S && before !== T) return;
  }
  if (measure(end) > 1) length = end;
}

function step5(): void {
  if (letters[length - 1] === E) {
    const m = measure(length - 1);
    if (m > 1 || (m === 1 && !endsCvc(length - 1))) length--;
  }
  if (letters[length - 1] === L && endsDouble(length) && measure(length) > 1) length--;
}
