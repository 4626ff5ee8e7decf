import type { CountOptions } from "../../src/text/counts.ts";
import type { TfidfOptions } from "../../src/text/tfidf.ts";

/** How words become vectors, as far as the command line has a say. */
export interface Preprocessing extends CountOptions, TfidfOptions {
  readonly stem: boolean;
  readonly minDf: number;
  readonly maxDf: number;
  readonly sublinear: boolean;
  readonly ngrams: number;
  /** How often each word of the title counts. */
  readonly titleWeight: number;
}

export interface Choice extends Preprocessing {
  readonly label: string;
}

const plain: Choice = {
  label: "plain: stems, terms of two or more papers and at most half of them, raw counts",
  stem: true,
  minDf: 2,
  maxDf: 0.5,
  sublinear: false,
  ngrams: 1,
  titleWeight: 1,
};

/** The choices that are compared, the plain one first; each changes one thing, the last ones two. */
export const choices: readonly Choice[] = [
  plain,
  { ...plain, label: "words as they are, without stems", stem: false },
  { ...plain, label: "every term, even of one paper", minDf: 1 },
  { ...plain, label: "terms of three or more papers", minDf: 3 },
  { ...plain, label: "terms of five or more papers", minDf: 5 },
  { ...plain, label: "common terms too", maxDf: Number.POSITIVE_INFINITY },
  { ...plain, label: "terms of at most 30 % of the papers", maxDf: 0.3 },
  { ...plain, label: "terms of at most 20 % of the papers", maxDf: 0.2 },
  { ...plain, label: "sublinear counts, 1 + ln c", sublinear: true },
  { ...plain, label: "abstracts alone, without titles", titleWeight: 0 },
  { ...plain, label: "titles counted twice", titleWeight: 2 },
  { ...plain, label: "titles counted three times", titleWeight: 3 },
  { ...plain, label: "sublinear counts, no stems", sublinear: true, stem: false },
  { ...plain, label: "sublinear counts, titles three times", sublinear: true, titleWeight: 3 },
];

/** The choice as options of the command, given in full so that a later default does not change its meaning. */
export const choiceOptions = ({ stem, minDf, maxDf, sublinear, ngrams, titleWeight }: Preprocessing): string =>
  [
    `--min-df ${minDf}`,
    `--max-df ${Math.min(1, maxDf)}`,
    ...(ngrams === 1 ? [] : [`--ngrams ${ngrams}`]),
    ...(titleWeight === 1 ? [] : [`--title-weight ${titleWeight}`]),
    stem ? "--stem" : "--no-stem",
    sublinear ? "--sublinear" : "--no-sublinear",
  ].join(" ");
