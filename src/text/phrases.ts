/**
 * Two-word phrases: two words with a space or a hyphen between them, neither a stop word nor a number. A compound of
 * two words with a hyphen ("test-time") is a phrase by itself, also when its first word is a stop word ("few-shot"), and
 * makes none with its neighbours; other punctuation ends a run. Word counts have lost the order of words: only their hyphenated keys are phrases.
 */
import { type CsrMatrix, transpose } from "./csrMatrix.ts";
import { sortedOrder } from "./sortedOrder.ts";
import { stem as porterStem } from "./stem.ts";
import { englishStopWords } from "./stopWords.ts";
import { isNumber } from "./tokenize.ts";

/** What is known of a document; with both, a phrase of the text is taken only if both its words are among the counts. */
export interface PhraseSource {
  readonly text?: string | undefined;
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

export interface Phrases {
  /** [nDocs, nPhrases] share of the document's running words that start the phrase. */
  readonly rates: CsrMatrix;
  /** [nPhrases] the stems of both words, joined by a space; sorted. */
  readonly terms: readonly string[];
  /** [nPhrases] the phrase as most often written, in lower case. */
  readonly surface: readonly string[];
  /** Stems that more than half of the documents that have them have only in hyphenated compounds. */
  readonly fragments: ReadonlySet<string>;
}

export interface PhraseOptions {
  readonly stem?: boolean;
  readonly stopWords?: ReadonlySet<string>;
}

const BREAK = /[^\p{L}\p{N}\p{M}_\s'’-]+/u;
const SPACES = /\s+/;
const WORD = /^[\p{L}\p{N}_]{2,}$/u;

/** Phrases of each document and how often they occur. */
export function countPhrases(docs: readonly PhraseSource[], options: PhraseOptions = {}): Phrases {
  const words = wordNotes(options);
  const phrases = phraseForms(words);
  const indptr = new Int32Array(docs.length + 1);
  const found: number[] = []; // phrases, document after document
  const rates: number[] = [];
  docs.forEach(({ text, counts }, i) => {
    const known = counts && new Set(Object.keys(counts).flatMap((key) => parts(key).map(words.stemOf)));
    const inText = new Map<number, number>();
    const { pairs, running } = neighbours(text ?? "", words);
    for (const { first, second, separator } of pairs) {
      if (known && !(known.has(words.stemOf(first)) && known.has(words.stemOf(second)))) continue;
      const phrase = phrases.note(first, second, separator);
      inText.set(phrase, (inText.get(phrase) ?? 0) + 1 / running);
    }
    const inCounts = new Map<number, number>();
    const total = counts ? Object.values(counts).reduce((sum, times) => sum + times, 0) : 0;
    for (const [key, times] of Object.entries(counts ?? {})) {
      const compound = parts(key);
      if (!words.isCompound(compound)) continue;
      const phrase = phrases.note(compound[0], compound[1], "-");
      inCounts.set(phrase, (inCounts.get(phrase) ?? 0) + times / total);
    }
    for (const [phrase, rate] of inCounts) inText.set(phrase, Math.max(rate, inText.get(phrase) ?? 0));
    for (const [phrase, rate] of inText) {
      found.push(phrase);
      rates.push(rate);
    }
    indptr[i + 1] = found.length;
  });

  const { terms, surface, column } = phrases.sorted();
  const unsorted: CsrMatrix = {
    indptr,
    indices: Int32Array.from(found, (phrase) => column[phrase]!),
    data: Float64Array.from(rates),
    shape: [docs.length, terms.length],
  };
  return { rates: transpose(transpose(unsorted)), terms, surface, fragments: fragments(docs, words) };
}

const parts = (key: string): string[] => key.toLowerCase().split("-");

/** What has to be known of words, looked at once for each distinct one. */
function wordNotes({ stem = true, stopWords = englishStopWords }: PhraseOptions) {
  const numbers = new Map<string, number>();
  const written: string[] = [];
  const stems: string[] = [];
  const stemOf: number[] = []; // the number of the stem
  const isPlain: boolean[] = []; // a word, and no number
  const numberOf = (word: string): number => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    const number = written.push(word) - 1;
    numbers.set(word, number);
    isPlain.push(WORD.test(word) && !isNumber(word));
    return number;
  };
  const stemNumbers = new Map<string, number>();
  const stemNumber = (word: string): number => {
    const number = numberOf(word);
    const known = stemOf[number];
    if (known !== undefined) return known;
    const own = stem ? porterStem(word) : word;
    const next = stemNumbers.get(own) ?? stems.push(own) - 1;
    stemNumbers.set(own, next);
    stemOf[number] = next;
    return next;
  };
  const isWord = (word: string): boolean => isPlain[numberOf(word)]! && !stopWords.has(word);
  return {
    numberOf,
    written,
    stems,
    stemOf: stemNumber,
    isWord,
    isCompound: (compound: readonly string[]): compound is [string, string] =>
      compound.length === 2 && isPlain[numberOf(compound[0]!)]! && isWord(compound[1]!),
  };
}
type WordNotes = ReturnType<typeof wordNotes>;

/** More than there are distinct words. */
const PLACES = 2 ** 25;

/** Phrases by the stems of their words, and the ways each is written. A form is a number: both words and the separator. */
function phraseForms({ numberOf, stemOf, written, stems }: WordNotes) {
  const numbers = new Map<number, number>(); // stems of both words -> phrase
  const keys: number[] = [];
  const form: number[] = []; // the way a phrase was first written, and how often
  const times: number[] = [];
  const others = new Map<number, Map<number, number>>(); // how often in other ways
  const show = (one: number): string => {
    const pair = Math.floor(one / 2);
    return `${written[Math.floor(pair / PLACES)]}${one % 2 ? "-" : " "}${written[pair % PLACES]}`;
  };
  const mostFrequent = (phrase: number): string => {
    let best = show(form[phrase]!);
    let most = times[phrase]!;
    for (const [one, count] of others.get(phrase) ?? []) {
      const shown = show(one);
      if (count < most || (count === most && shown > best)) continue;
      best = shown;
      most = count;
    }
    return best;
  };
  return {
    /** Counts a form; returns the number of its phrase. */
    note(first: string, second: string, separator: " " | "-"): number {
      const key = stemOf(first) * PLACES + stemOf(second);
      const one = 2 * (numberOf(first) * PLACES + numberOf(second)) + (separator === "-" ? 1 : 0);
      const phrase = numbers.get(key) ?? keys.push(key) - 1;
      if (phrase === form.length) {
        numbers.set(key, phrase);
        form.push(one);
        times.push(1);
      } else if (form[phrase] === one) times[phrase]!++;
      else {
        const more = others.get(phrase) ?? new Map<number, number>();
        others.set(phrase, more.set(one, (more.get(one) ?? 0) + 1));
      }
      return phrase;
    },
    /** Terms in order, the form most often written, and the column of each phrase. */
    sorted() {
      const unsorted = keys.map((key) => `${stems[Math.floor(key / PLACES)]} ${stems[key % PLACES]}`);
      const order = sortedOrder(unsorted);
      const column = new Int32Array(order.length);
      order.forEach((phrase, j) => {
        column[phrase] = j;
      });
      return {
        column,
        terms: Array.from(order, (phrase) => unsorted[phrase]!),
        surface: Array.from(order, mostFrequent),
      };
    },
  };
}

function fragments(docs: readonly PhraseSource[], { stemOf, stems }: WordNotes): Set<string> {
  const all: number[] = []; // documents that have a stem, and those that have it outside of compounds
  const alone: number[] = [];
  const lastOfAll: number[] = [];
  const lastOfAlone: number[] = [];
  docs.forEach(({ text, counts }, i) => {
    const units = counts ? Object.keys(counts) : (text ?? "").normalize("NFC").split(/[^\p{L}\p{N}\p{M}_'’-]+/u);
    for (const unit of units) {
      const own = unit.replace(/['’]s?$/i, "");
      const inUnit = own.includes("-") ? parts(own).filter(Boolean) : [own.toLowerCase()];
      for (const part of inUnit) {
        if (part === "") continue;
        const stem = stemOf(part);
        if (lastOfAll[stem] !== i) all[stem] = (all[stem] ?? 0) + 1;
        lastOfAll[stem] = i;
        if (inUnit.length > 1) continue;
        if (lastOfAlone[stem] !== i) alone[stem] = (alone[stem] ?? 0) + 1;
        lastOfAlone[stem] = i;
      }
    }
  });
  return new Set(stems.filter((_, stem) => 2 * (alone[stem] ?? 0) < (all[stem] ?? 0)));
}

/** Pairs of neighbouring words, and how many running words there are. */
function neighbours(text: string, { isWord, isCompound }: WordNotes) {
  const pairs: { first: string; second: string; separator: " " | "-" }[] = [];
  let running = 0;
  for (const run of text.normalize("NFC").toLowerCase().split(BREAK)) {
    let before = ""; // the word before this one, when a phrase may start there
    for (const unit of run.split(SPACES)) {
      if (unit === "") continue;
      const word = unit.replace(/['’]s?$/, "");
      if (!word.includes("-")) {
        running++;
        const second = isWord(word) ? word : "";
        if (before && second) pairs.push({ first: before, second, separator: " " });
        before = second;
        continue;
      }
      const compound = word.split("-");
      running += compound.length;
      if (isCompound(compound)) pairs.push({ first: compound[0], second: compound[1], separator: "-" });
      before = "";
    }
  }
  return { pairs, running };
}
