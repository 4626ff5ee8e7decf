/**
 * Names of clusters, by class-based TF-IDF over words and two-word phrases (Grootendorst 2022, BERTopic):
 *
 *   1  a term's weight in a document is its share of the document's words times idf
 *   2  weights are averaged over each cluster; a term's score is its mean weight there times
 *      ln(1 + mean weight of a cluster / weight of the term over all clusters)
 *   3  terms stay that two, and a quarter, of the cluster's documents have (an eighth, where those do not make a name of
 *      full length), and that are LIFT times as common in it as outside; none with a word of academicWords
 *   4  a word that stands in one phrase in at least a third of its documents of the cluster is shown as that phrase; a
 *      fragment, which more than half of its documents have only in hyphenated compounds ("shot"), or which is one of
 *      phraseWords, is shown as a phrase or not at all
 *   5  best first, a term is taken unless it nearly repeats one taken before: they share a stem, the letters of one
 *      contain the other's, or one abbreviates the other
 */
import { academicWords, phraseWords } from "../text/academicWords.ts";
import type { Counts } from "../text/counts.ts";
import type { CsrMatrix } from "../text/csrMatrix.ts";
import { stem } from "../text/stem.ts";
import { countShared } from "./countShared.ts";

const withStems = (words: ReadonlySet<string>) => new Set([...words].flatMap((word) => [word, stem(word)]));
const excluded: ReadonlySet<string> = withStems(academicWords);
const onlyInPhrases: ReadonlySet<string> = withStems(phraseWords);

/** How many times as common a label must be in its cluster as outside. */
const LIFT = 1.5;

export interface LabelTerms {
  /** [nDocs, nTerms] share of the document's words. */
  readonly rates: CsrMatrix;
  /** [nTerms] stems joined by a space. */
  readonly terms: readonly string[];
  /** [nTerms] the term as shown. */
  readonly surface: readonly string[];
}

export interface LabelPhrases extends LabelTerms {
  /** Stems that more than half of the documents that have them have only in hyphenated compounds. */
  readonly fragments: ReadonlySet<string>;
}

interface Candidate {
  readonly stems: readonly string[];
  readonly surface: string;
  readonly score: number;
  readonly docs: ReadonlySet<number>;
}

/** Words as shares of each document's words; of the columns given alone, when some are. */
export function labelWords({ X, terms, surface }: Counts, columns?: Int32Array): LabelTerms {
  const kept = new Set(columns ?? terms.keys());
  const data = X.data.slice();
  for (let i = 0; i < X.shape[0]; i++) {
    const row = data.subarray(X.indptr[i]!, X.indptr[i + 1]!);
    const total = row.reduce((sum, count) => sum + count, 0);
    for (let p = 0; p < row.length; p++) row[p] = kept.has(X.indices[X.indptr[i]! + p]!) ? row[p]! / total : 0;
  }
  return { rates: { ...X, data }, terms, surface };
}

/**
 * @param words single words
 * @param phrases two-word phrases
 * @param labels [nDocs], from 1
 * @returns for each cluster up to `count` terms as shown, best first
 */
export function clusterLabels(words: LabelTerms, phrases: LabelPhrases, labels: Int32Array, count: number): string[][] {
  const members = membersOf(labels);
  const ofWords = scores(words, labels, members);
  const ofPhrases = scores(phrases, labels, members);
  /** "pre train" by "pretrain": one word, written in two ways. */
  const columnOf = new Map(words.terms.map((term, j) => [term, j]));
  const compoundOf = new Map<number, number>(); // column of a word -> of the phrase
  phrases.terms.forEach((term, j) => {
    const word = columnOf.get(term.replace(" ", ""));
    if (word !== undefined) compoundOf.set(word, j);
  });
  const meanWeight = (ofWords.total + ofPhrases.total) / members.length;
  const wordsIn = termsOfRows(words, ofWords.idf);
  const phrasesIn = termsOfRows(phrases, ofPhrases.idf);
  return members.map((rows) => {
    const nDocs = rows.length;
    const inWords = wordsIn(rows);
    const inPhrases = phrasesIn(rows);
    const candidates = (
      { terms, surface }: LabelTerms,
      { df, all }: typeof ofWords,
      { counts, weight, docsOf }: typeof inWords,
      compounds: ReadonlyMap<number, number>,
    ): Candidate[] => {
      const columns: number[] = [];
      counts.forEach((count, j) => {
        if (count === 0 || count < Math.min(2, nDocs)) return;
        if (terms[j]!.split(" ").some((stem) => excluded.has(stem))) return;
        const compound = compounds.get(j);
        const inside = compound === undefined ? count : Math.max(count, inPhrases.counts[compound]!);
        const everywhere = compound === undefined ? df[j]! : Math.max(df[j]!, ofPhrases.df[compound]!);
        const outside = (everywhere - inside) / (labels.length - nDocs || 1);
        if (inside / nDocs >= LIFT * outside) columns.push(j);
      });
      const docs = docsOf(columns);
      return columns.map((j, at) => ({
        stems: terms[j]!.split(" "),
        surface: surface[j]!,
        score: weight[j]! * Math.log(1 + meanWeight / all[j]!),
        docs: docs[at]!,
      }));
    };
    const pairs = candidates(phrases, ofPhrases, inPhrases, new Map());
    const best = [...candidates(words, ofWords, inWords, compoundOf), ...pairs].sort(
      (a, b) => b.score - a.score || (a.surface < b.surface ? -1 : 1),
    );
    const shared = (share: number) => best.filter(({ docs }) => docs.size >= share * nDocs);
    const taken: Candidate[] = [];
    for (const candidate of [...shared(1 / 4), ...shared(1 / 8)]) {
      const shown = candidate.stems.length === 1 ? asPhrase(candidate, pairs, phrases.fragments) : candidate;
      if (!shown) continue;
      if (taken.length < count && !taken.some((other) => nearlySame(shown, other))) taken.push(shown);
    }
    return taken.map(({ surface }) => surface);
  });
}

/** The rows of each cluster, rising. */
function membersOf(labels: Int32Array): number[][] {
  const k = labels.reduce((most, label) => Math.max(most, label), 0);
  const members: number[][] = Array.from({ length: k }, () => []);
  labels.forEach((label, i) => members[label - 1]!.push(i));
  return members;
}

function scores({ rates, terms }: LabelTerms, labels: Int32Array, members: readonly number[][]) {
  const nDocs = rates.shape[0];
  const df = new Int32Array(terms.length);
  rates.indices.forEach((j, p) => {
    if (rates.data[p]! > 0) df[j]!++;
  });
  const idf = Float64Array.from(df, (count) => Math.log((1 + nDocs) / (1 + count)) + 1);
  const all = new Float64Array(terms.length);
  let total = 0;
  for (let i = 0; i < nDocs; i++) {
    const size = members[labels[i]! - 1]!.length;
    for (let p = rates.indptr[i]!; p < rates.indptr[i + 1]!; p++) {
      const added = (rates.data[p]! * idf[rates.indices[p]!]!) / size;
      all[rates.indices[p]!]! += added;
      total += added;
    }
  }
  return { df, idf, all, total };
}

/** The terms of some rows: in how many of them each is, and its mean weight there; good until the next call. */
function termsOfRows({ rates: { indptr, indices, data }, terms }: LabelTerms, idf: Float64Array) {
  const counts = new Int32Array(terms.length);
  const weight = new Float64Array(terms.length);
  const place = new Int32Array(terms.length).fill(-1);
  return (rows: readonly number[]) => {
    counts.fill(0);
    weight.fill(0);
    for (const i of rows) {
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
        if (data[p] === 0) continue;
        counts[indices[p]!]!++;
        weight[indices[p]!]! += (data[p]! * idf[indices[p]!]!) / rows.length;
      }
    }
    /** The rows that have each of these columns. */
    const docsOf = (columns: readonly number[]): ReadonlySet<number>[] => {
      columns.forEach((j, at) => {
        place[j] = at;
      });
      const docs = columns.map(() => new Set<number>());
      for (const i of rows) {
        for (let p = indptr[i]!; p < indptr[i + 1]!; p++) if (data[p] !== 0) docs[place[indices[p]!]!]?.add(i);
      }
      for (const j of columns) place[j] = -1;
      return docs;
    };
    return { counts, weight, docsOf };
  };
}

function asPhrase(
  word: Candidate,
  phrases: readonly Candidate[],
  fragments: ReadonlySet<string>,
): Candidate | undefined {
  const fragment = fragments.has(word.stems[0]!) || onlyInPhrases.has(word.stems[0]!);
  const around = phrases.filter(
    ({ stems, docs }) =>
      stems.includes(word.stems[0]!) && (fragment || 3 * countShared(docs, word.docs) >= word.docs.size),
  );
  const best = around.reduce<Candidate | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined);
  return best ?? (fragment ? undefined : word);
}

function nearlySame(a: Candidate, b: Candidate): boolean {
  if (a.stems.some((stem) => b.stems.includes(stem))) return true;
  if (abbreviates(a, b) || abbreviates(b, a)) return true;
  const contains = (x: string, y: string) => y.length >= 4 && x.includes(y);
  return [a.stems.join(""), ...a.stems].some((x) =>
    [b.stems.join(""), ...b.stems].some((y) => contains(x, y) || contains(y, x)),
  );
}

/** A word of up to four letters with the initials of the phrase in it: "mim" and "image modeling". */
const abbreviates = (word: Candidate, phrase: Candidate): boolean =>
  word.stems.length === 1 &&
  word.surface.length <= 4 &&
  phrase.stems.length === 2 &&
  word.surface.includes(phrase.stems.map((stem) => stem[0]).join(""));
