/**
 * Two-word phrases: two words with a space or a hyphen between them, neither a stop word nor a number. A compound of
 * two words with a hyphen ("test-time") is a phrase by itself, also when its first word is a stop word ("few-shot"), and
 * makes none with its neighbours; other punctuation ends a run. Word counts have lost the order of words: only their hyphenated keys are phrases.
 */
import { type CsrMatrix, transpose } from "./csrMatrix.ts";
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
const WORD = /^[\p{L}\p{N}_]{2,}$/u;

/** Phrases of each document and how often they occur. */
export function countPhrases(
  docs: readonly PhraseSource[],
  { stem = true, stopWords = englishStopWords }: PhraseOptions = {},
): Phrases {
  const stems = new Map<string, string>();
  const isWord = (word: string): boolean => WORD.test(word) && !stopWords.has(word) && !isNumber(word);
  const isCompound = (parts: readonly string[]): parts is [string, string] =>
    parts.length === 2 && WORD.test(parts[0]!) && !isNumber(parts[0]!) && isWord(parts[1]!);
  const termOf = (first: string, second: string): string => [first, second].map(stemOf).join(" ");
  const stemOf = (word: string): string => {
    const known = stems.get(word) ?? (stem ? porterStem(word) : word);
    stems.set(word, known);
    return known;
  };
  const writtenAs = new Map<string, Map<string, number>>();
  const note = (rates: Map<string, number>, pair: readonly [string, string], separator: string, rate: number) => {
    const term = termOf(...pair);
    rates.set(term, (rates.get(term) ?? 0) + rate);
    const forms = writtenAs.get(term) ?? new Map<string, number>();
    writtenAs.set(term, forms.set(pair.join(separator), (forms.get(pair.join(separator)) ?? 0) + 1));
  };

  const rows = docs.map(({ text, counts }) => {
    const inText = new Map<string, number>();
    const inCounts = new Map<string, number>();
    const known = counts && new Set(Object.keys(counts).flatMap((key) => key.toLowerCase().split("-").map(stemOf)));
    const { pairs, words } = neighbours(text ?? "", isWord, isCompound);
    for (const { pair, separator } of pairs) {
      if (!known || pair.every((word) => known.has(stemOf(word)))) note(inText, pair, separator, 1 / words);
    }
    const total = counts ? Object.values(counts).reduce((sum, times) => sum + times, 0) : 0;
    for (const [key, times] of Object.entries(counts ?? {})) {
      const parts = key.toLowerCase().split("-");
      if (isCompound(parts)) note(inCounts, parts, "-", times / total);
    }
    for (const [term, rate] of inCounts) inText.set(term, Math.max(rate, inText.get(term) ?? 0));
    return inText;
  });

  const terms = [...writtenAs.keys()].sort();
  const column = new Map(terms.map((term, j) => [term, j]));
  const indptr = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i]! + row.size;
  });
  const unsorted: CsrMatrix = {
    indptr,
    indices: Int32Array.from(rows.flatMap((row) => [...row.keys()].map((term) => column.get(term)!))),
    data: Float64Array.from(rows.flatMap((row) => [...row.values()])),
    shape: [docs.length, terms.length],
  };
  return {
    rates: transpose(transpose(unsorted)),
    terms,
    surface: terms.map((term) => mostFrequent(writtenAs.get(term)!)),
    fragments: fragments(docs, stemOf),
  };
}

function fragments(docs: readonly PhraseSource[], stemOf: (word: string) => string): Set<string> {
  const alone = new Map<string, number>();
  const all = new Map<string, number>();
  const add = (to: Map<string, number>, stems: ReadonlySet<string>) => {
    for (const stem of stems) to.set(stem, (to.get(stem) ?? 0) + 1);
  };
  for (const { text, counts } of docs) {
    const units = counts ? Object.keys(counts) : (text ?? "").normalize("NFC").split(/[^\p{L}\p{N}\p{M}_'’-]+/u);
    const parts = units.map((unit) =>
      unit
        .toLowerCase()
        .replace(/['’]s?$/, "")
        .split("-")
        .filter(Boolean)
        .map(stemOf),
    );
    add(all, new Set(parts.flat()));
    add(alone, new Set(parts.filter(({ length }) => length === 1).flat()));
  }
  return new Set([...all].flatMap(([stem, total]) => (2 * (alone.get(stem) ?? 0) < total ? [stem] : [])));
}

/** Pairs of neighbouring words, and how many words there are. */
function neighbours(
  text: string,
  isWord: (word: string) => boolean,
  isCompound: (parts: readonly string[]) => parts is [string, string],
) {
  const pairs: { pair: [string, string]; separator: string }[] = [];
  let words = 0;
  for (const run of text.normalize("NFC").toLowerCase().split(BREAK)) {
    const units = run.match(/\S+/g)?.map((unit) => unit.replace(/['’]s?$/, "").split("-")) ?? [];
    units.forEach((parts, at) => {
      words += parts.length;
      const next = units[at + 1];
      if (isCompound(parts)) pairs.push({ pair: parts, separator: "-" });
      if (parts.length === 1 && next?.length === 1 && isWord(parts[0]!) && isWord(next[0]!)) {
        pairs.push({ pair: [parts[0]!, next[0]!], separator: " " });
      }
    });
  }
  return { pairs, words };
}

function mostFrequent(forms: ReadonlyMap<string, number>): string {
  return [...forms].reduce((best, form) =>
    form[1] > best[1] || (form[1] === best[1] && form[0] < best[0]) ? form : best,
  )[0];
}
