/**
 * Term counts of a corpus: text or word counts in, a [nDocs, nTerms] matrix out.
 *
 *   1  tokens of the document (tokenize.ts, wordTable.ts); stop words, numbers and names of TeX commands are left out
 *   2  each token becomes its stem
 *   3  runs of up to `ngrams` neighbouring stems, joined by a space, become terms
 *   4  terms are sorted, the counts stored by rows
 */
import type { CsrMatrix } from "./csrMatrix.ts";
import { sortedOrder } from "./sortedOrder.ts";
import { stem as porterStem } from "./stem.ts";
import { englishStopWords } from "./stopWords.ts";
import { texCommands } from "./texCommands.ts";
import { isNumber } from "./tokenize.ts";
import { wordTable } from "./wordTable.ts";

/** What is known of a document: its text, or how often each of its words occurs. */
export type Doc = { readonly text: string } | { readonly counts: Readonly<Record<string, number>> };

export interface CountOptions {
  /** Reduce words to Porter's stems. Default true. */
  readonly stem?: boolean;
  /** Words to leave out, lower-cased. Default: natural's English list. */
  readonly stopWords?: ReadonlySet<string>;
  /** Longest run of neighbouring words that makes a term, from 1. Word counts have no neighbours: they give 1. */
  readonly ngrams?: number;
}

export interface Counts {
  /** [nDocs, nTerms] occurrences. */
  readonly X: CsrMatrix;
  /** [nTerms] sorted by UTF-16 code unit. */
  readonly terms: readonly string[];
  /** [nTerms] the word, or run of words, that most often stood for the term. */
  readonly surface: readonly string[];
}

export interface TermCounter {
  /** Counts one more document. */
  add(doc: Doc): void;
  /** The matrix of all documents added. */
  finish(): Counts;
}

/** Counts the terms of all documents. */
export function countTerms(docs: Iterable<Doc>, options: CountOptions = {}): Counts {
  const counter = termCounter(options);
  for (const doc of docs) counter.add(doc);
  return counter.finish();
}

const DROPPED = -1;

/** Counts documents one at a time, for a corpus that is streamed. */
export function termCounter({ stem = true, stopWords = englishStopWords, ngrams = 1 }: CountOptions = {}): TermCounter {
  // Words and runs of words as written are surfaces of terms; many may share one. Maps, as a word may be "__proto__".
  const table = wordTable();
  const words = surfaces();
  const runs = surfaces();
  const runIds = new Map<string, number>();
  const termIds = new Map<string, number>();
  const terms: string[] = [];

  const indptr = [0];
  let indices = new Int32Array(1 << 16);
  let data = new Float64Array(1 << 16);
  let nnz = 0;
  let position = new Int32Array(1 << 12).fill(-1); // term id -> where its count of this document stands

  const termOf = (word: string): number => {
    if (stopWords.has(word) || texCommands.has(word) || isNumber(word)) return DROPPED;
    return stem ? termId(porterStem(word)) : newTerm(word);
  };
  const termId = (term: string): number => {
    const known = termIds.get(term);
    if (known !== undefined) return known;
    termIds.set(term, terms.length);
    return newTerm(term);
  };
  const newTerm = (term: string): number => {
    const id = terms.push(term) - 1;
    if (id >= position.length) position = longer(position, new Int32Array(2 * id).fill(-1));
    return id;
  };
  /** Counts a surface's term, and the surface. There is room for one more entry. */
  const count = ({ term, occurrences }: Surfaces, surface: number, times: number, start: number): void => {
    const id = term[surface]!;
    if (id === DROPPED) return;
    occurrences[surface]! += times;
    const at = position[id]!;
    if (at >= start) {
      data[at]! += times;
      return;
    }
    position[id] = nnz;
    indices[nnz] = id;
    data[nnz++] = times;
  };
  const makeRoom = (entries: number): void => {
    if (nnz + entries <= indices.length) return;
    indices = longer(indices, new Int32Array(2 * (nnz + entries)));
    data = longer(data, new Float64Array(2 * (nnz + entries)));
  };

  /** The words of a text, their terms known; as the table's scan. */
  const scan = (text: string): number => {
    const length = table.scan(text);
    for (const word of table.since(words.written.length)) addSurface(words, word, termOf(word));
    makeRoom(length);
    return length;
  };

  const countWords = (length: number, start: number): void => {
    const numbers = table.numbers();
    const { term, occurrences } = words;
    const [at, ids, counts] = [position, indices, data];
    let end = nnz;
    for (let w = 0; w < length; w++) {
      const number = numbers[w]!;
      const id = term[number]!;
      if (id === DROPPED) continue;
      occurrences[number]!++;
      const known = at[id]!;
      if (known >= start) counts[known]!++;
      else {
        at[id] = end;
        ids[end] = id;
        counts[end++] = 1;
      }
    }
    nnz = end;
  };

  const countRuns = (length: number, start: number): void => {
    const kept = table
      .numbers()
      .subarray(0, length)
      .filter((number) => words.term[number] !== DROPPED);
    makeRoom(kept.length * (ngrams - 1));
    for (let first = 0; first < kept.length; first++) {
      let written = words.written[kept[first]!]!;
      let term = terms[words.term[kept[first]!]!]!;
      for (let last = first + 1; last < Math.min(first + ngrams, kept.length); last++) {
        written += ` ${words.written[kept[last]!]!}`;
        term += ` ${terms[words.term[kept[last]!]!]!}`;
        let run = runIds.get(written);
        if (run === undefined) {
          run = addSurface(runs, written, termId(term));
          runIds.set(written, run);
        }
        count(runs, run, 1, start);
      }
    }
  };

  const add = (doc: Doc): void => {
    const start = nnz;
    if ("text" in doc) {
      const length = scan(doc.text);
      countWords(length, start);
      if (ngrams > 1) countRuns(length, start);
    } else {
      for (const [key, times] of Object.entries(doc.counts)) {
        if (!(times > 0)) continue;
        const length = scan(key);
        for (let w = 0; w < length; w++) count(words, table.numbers()[w]!, times, start);
      }
    }
    indptr.push(nnz);
  };

  const finish = (): Counts => {
    const order = sortedOrder(terms);
    const rank = new Int32Array(terms.length);
    order.forEach((id, r) => {
      rank[id] = r;
    });
    const sortedTerms = Array.from(order, (id) => terms[id]!);
    const X = sortedRows(Int32Array.from(indptr), indices, data, order);
    return { X, terms: sortedTerms, surface: mostFrequentSurface(rank) };
  };

  const mostFrequentSurface = (rank: Int32Array): string[] => {
    const best = new Array<string>(rank.length);
    const most = new Float64Array(rank.length).fill(-1);
    for (const { written, term, occurrences } of [words, runs]) {
      written.forEach((surface, id) => {
        if (term[id] === DROPPED) return;
        const t = rank[term[id]!]!;
        if (occurrences[id]! < most[t]! || (occurrences[id] === most[t] && surface >= best[t]!)) return;
        best[t] = surface;
        most[t] = occurrences[id]!;
      });
    }
    return best;
  };

  return { add, finish };
}

/** The rows with columns in the order given: entries are put by columns, then by rows again. */
function sortedRows(indptr: Int32Array, ids: Int32Array, counts: Float64Array, order: Int32Array): CsrMatrix {
  const nRows = indptr.length - 1;
  const nnz = indptr[nRows]!;
  const starts = new Int32Array(order.length + 1); // of the ids' entries
  for (let p = 0; p < nnz; p++) starts[ids[p]! + 1]!++;
  for (let id = 0; id < order.length; id++) starts[id + 1]! += starts[id]!;
  const next = starts.slice();
  const rows = new Int32Array(nnz);
  const values = new Float64Array(nnz);
  for (let i = 0; i < nRows; i++) {
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      const to = next[ids[p]!]!++;
      rows[to] = i;
      values[to] = counts[p]!;
    }
  }
  const nextOfRow = indptr.slice();
  const indices = new Int32Array(nnz);
  const data = new Float64Array(nnz);
  for (let j = 0; j < order.length; j++) {
    for (let p = starts[order[j]!]!; p < starts[order[j]! + 1]!; p++) {
      const to = nextOfRow[rows[p]!]!++;
      indices[to] = j;
      data[to] = values[p]!;
    }
  }
  return { indptr, indices, data, shape: [nRows, order.length] };
}

/** What has been written in texts: the term it stands for, or DROPPED, and how often it occurred. */
interface Surfaces {
  written: string[];
  term: Int32Array;
  occurrences: Float64Array;
}

const surfaces = (): Surfaces => ({
  written: [],
  term: new Int32Array(1 << 12),
  occurrences: new Float64Array(1 << 12),
});

function addSurface(to: Surfaces, written: string, term: number): number {
  const id = to.written.length;
  to.written.push(written);
  if (id >= to.term.length) {
    to.term = longer(to.term, new Int32Array(2 * id));
    to.occurrences = longer(to.occurrences, new Float64Array(2 * id));
  }
  to.term[id] = term;
  return id;
}

/** `b` with the values of `a` at its beginning. */
function longer<T extends Int32Array | Float64Array>(a: T, b: T): T {
  b.set(a);
  return b;
}
