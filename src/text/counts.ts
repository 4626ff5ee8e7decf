/**
 * Term counts of a corpus: text or word counts in, a [nDocs, nTerms] matrix out.
 *
 *   1  tokens of the document (tokenize.ts), stop words and numbers left out
 *   2  each token becomes its stem
 *   3  runs of up to `ngrams` neighbouring stems, joined by a space, become terms
 *   4  terms are sorted, the counts stored by rows
 */
import { type CsrMatrix, transpose } from "./csrMatrix.ts";
import { stem as porterStem } from "./stem.ts";
import { englishStopWords } from "./stopWords.ts";
import { isNumber, words } from "./tokenize.ts";

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
  // A surface form is a word or a run of words as written; many share a term. Maps, as a token may be "__proto__".
  const surfaceIds = new Map<string, number>();
  const surfaces: string[] = [];
  const surfaceTerm: number[] = []; // surface id -> term id or DROPPED
  const surfaceCount: number[] = [];
  const termIds = new Map<string, number>();
  const terms: string[] = [];

  const indptr = [0];
  let indices = new Int32Array(1 << 16);
  let data = new Float64Array(1 << 16);
  let nnz = 0;
  let position = new Int32Array(1 << 12).fill(-1); // term id -> where its count of this document stands

  const addSurface = (surface: string, term: string | undefined): number => {
    const id = surfaces.length;
    surfaceIds.set(surface, id);
    surfaces.push(surface);
    surfaceCount.push(0);
    if (term === undefined) {
      surfaceTerm.push(DROPPED);
      return id;
    }
    let termId = termIds.get(term);
    if (termId === undefined) {
      termId = terms.length;
      termIds.set(term, termId);
      terms.push(term);
    }
    surfaceTerm.push(termId);
    return id;
  };

  const wordId = (word: string): number => {
    const known = surfaceIds.get(word);
    if (known !== undefined) return known;
    if (stopWords.has(word) || isNumber(word)) return addSurface(word, undefined);
    return addSurface(word, stem ? porterStem(word) : word);
  };

  const count = (surface: number, times: number, start: number): void => {
    const term = surfaceTerm[surface]!;
    if (term === DROPPED) return;
    surfaceCount[surface]! += times;
    if (term >= position.length) position = grown(position, -1);
    const at = position[term]!;
    if (at >= start) {
      data[at]! += times;
      return;
    }
    if (nnz === indices.length) {
      indices = grown(indices, 0);
      const more = new Float64Array(2 * data.length);
      more.set(data);
      data = more;
    }
    position[term] = nnz;
    indices[nnz] = term;
    data[nnz++] = times;
  };

  const countRuns = (kept: readonly number[], start: number): void => {
    for (let first = 0; first < kept.length; first++) {
      let surface = surfaces[kept[first]!]!;
      let term = terms[surfaceTerm[kept[first]!]!]!;
      for (let last = first + 1; last < Math.min(first + ngrams, kept.length); last++) {
        surface += ` ${surfaces[kept[last]!]!}`;
        term += ` ${terms[surfaceTerm[kept[last]!]!]!}`;
        count(surfaceIds.get(surface) ?? addSurface(surface, term), 1, start);
      }
    }
  };

  const add = (doc: Doc): void => {
    const start = nnz;
    if ("text" in doc) {
      const kept: number[] = [];
      for (const word of words(doc.text)) {
        const id = wordId(word);
        count(id, 1, start);
        if (ngrams > 1 && surfaceTerm[id] !== DROPPED) kept.push(id);
      }
      if (ngrams > 1) countRuns(kept, start);
    } else {
      for (const [key, times] of Object.entries(doc.counts)) {
        if (times > 0) for (const word of words(key)) count(wordId(word), times, start);
      }
    }
    indptr.push(nnz);
  };

  const finish = (): Counts => {
    const order = Int32Array.from(terms.keys());
    order.sort((a, b) => (terms[a]! < terms[b]! ? -1 : 1));
    const rank = new Int32Array(order.length);
    order.forEach((term, r) => {
      rank[term] = r;
    });
    const unsorted: CsrMatrix = {
      indptr: Int32Array.from(indptr),
      indices: indices.subarray(0, nnz).map((term) => rank[term]!),
      data: data.subarray(0, nnz),
      shape: [indptr.length - 1, order.length],
    };
    const sortedTerms = Array.from(order, (term) => terms[term]!);
    return { X: transpose(transpose(unsorted)), terms: sortedTerms, surface: mostFrequentSurface(rank) };
  };

  const mostFrequentSurface = (rank: Int32Array): string[] => {
    const best = new Array<number>(rank.length).fill(-1);
    surfaces.forEach((surface, id) => {
      if (surfaceTerm[id] === DROPPED) return;
      const term = rank[surfaceTerm[id]!]!;
      const rival = best[term]!;
      const lead = rival < 0 ? 1 : surfaceCount[id]! - surfaceCount[rival]!;
      if (lead > 0 || (lead === 0 && surface < surfaces[rival]!)) best[term] = id;
    });
    return best.map((id) => surfaces[id]!);
  };

  return { add, finish };
}

function grown(a: Int32Array<ArrayBuffer>, fill: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * a.length).fill(fill, a.length);
  more.set(a);
  return more;
}
