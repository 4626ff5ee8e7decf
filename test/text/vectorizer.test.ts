import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CountOptions, countTerms } from "../../src/text/counts.ts";
import { type TfidfOptions, tfidf } from "../../src/text/tfidf.ts";

const gold = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/vectorizer.json"), "utf8"));
const none = new Set<string>();
const given = new Set<string>(gold.stopWords);

const cases: [string, CountOptions & TfidfOptions][] = [
  ["words", { stopWords: none }],
  ["sublinear", { stopWords: none, sublinear: true }],
  ["runs of two words", { stopWords: none, ngrams: 2 }],
  ["runs of three words without stop words", { stopWords: given, ngrams: 3 }],
  ["terms in two documents or more", { stopWords: none, minDf: 2 }],
  ["terms in a third of the documents at most", { stopWords: none, maxDf: 1 / 3 }],
  ["all at once", { stopWords: given, ngrams: 2, minDf: 2, maxDf: 0.5, sublinear: true }],
];

test.each(cases)("TF-IDF is scikit-learn's: %s", (name, options) => {
  const docs = gold.texts.map((text: string) => ({ text }));
  const { X, terms, idf } = tfidf(countTerms(docs, { ...options, stem: false }), options);
  const expected = gold.cases[name];
  expect(terms).toEqual(expected.terms);
  expect(Array.from(X.indptr)).toEqual(expected.indptr);
  expect(Array.from(X.indices)).toEqual(expected.indices);
  // float64 against float64
  X.data.forEach((x, p) => expect(Math.abs(x - expected.data[p])).toBeLessThanOrEqual(1e-12));
  idf.forEach((x, j) => expect(Math.abs(x - expected.idf[j])).toBeLessThanOrEqual(1e-12));
});

test("text counted beforehand has the matrix of the text", () => {
  const docs: { text: string }[] = gold.texts.map((text: string) => ({ text }));
  const counted = docs.map(({ text }) => {
    const counts: Record<string, number> = {};
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? []) counts[word] = (counts[word] ?? 0) + 1;
    return { counts };
  });
  expect(countTerms(counted)).toEqual(countTerms(docs));
});
