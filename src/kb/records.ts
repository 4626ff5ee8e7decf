/** What the files in data/ hold. Types are inferred; messages read "expected …, found …; how to fix". */
import { z } from "zod";
import { show } from "./explain.ts";

const text = z
  .string()
  .min(1)
  .refine((value) => value.trim() === value, {
    error: (issue) => `expected text without space at its ends, found ${show(issue.input)}; remove the space`,
  });
/** Text in one form: `expected` names it, `fix` says how to write it. */
const form = (pattern: RegExp, expected: string, fix: string) =>
  z.string().regex(pattern, { error: (issue) => `expected ${expected}, found ${show(issue.input)}; ${fix}` });
const kebab = form(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a kebab-case id", "write lower-case words joined by hyphens");
const sectionNumber = form(/^3\.\d{1,2}$/, "a subsection of section 3", 'write it in quotes, as "3.1"');

/** Surname, year, method or title word, all ASCII. */
const PaperId = form(
  /^[a-z]+(19|20)\d{2}[a-z0-9]+$/,
  "a paper id (surname, year, method or title word)",
  "write it as he2022mae",
);
const year = z.int().refine((y) => y >= 1950 && y <= 2100, {
  error: (issue) => `expected a year from 1950 to 2100, found ${show(issue.input)}; write all four digits`,
});
const webAddress = form(/^https?:\/\/\S+$/, "a web address", "write it in full, with https://");

/** Keys of one kind of record, with the file in which they belong: for those who write them into another. */
const inFile = (file: string, keys: readonly string[]) => ({
  elsewhere: Object.fromEntries(keys.map((k) => [k, file])),
});

/** Facet kinds as keys of the front matter, in order of display. */
export const facetKeys = [
  "pipeline",
  "masking",
  "maskRatio",
  "target",
  "objective",
  "architecture",
  "modality",
  "task",
] as const;
/** Facet kinds as stored: kebab-case. */
export const facetKind = (key: string): string => key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

export const Reference = z
  .strictObject({
    ref: z.int().min(1).optional(),
    id: PaperId,
    shortName: text.optional(),
    authors: z.array(text).min(1),
    etAl: z.literal(true).optional(),
    title: text,
    venue: text,
    year,
    volume: text.optional(),
    pages: form(
      /^[0-9A-Za-z:.]+(–[0-9A-Za-z:.]+)?$/,
      "pages",
      "join first and last with an en dash, as 16000–16009",
    ).optional(),
    arxiv: form(
      /^(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})$/,
      "an arXiv id without version",
      "write it as 2111.06377",
    ).optional(),
    doi: form(/^10\.\d{4,9}\/\S+$/, "a DOI", "write it from 10. on, without https://doi.org/").optional(),
    url: webAddress.optional(),
    code: webAddress.optional(),
  })
  .meta(inFile("data/papers/<id>.md", ["section", ...facetKeys]));
export type Reference = z.infer<typeof Reference>;

const maskRatio = z.number().refine((r) => r > 0 && r < 1, {
  error: (issue) => `expected a fraction in (0, 1), found ${show(issue.input)}; write 0.75 for 75 %`,
});
const facetValues = z.array(kebab).min(1).optional();

/** Front matter of data/papers/<id>.md; the Markdown body is the summary. */
export const ReviewedPaper = z
  .strictObject({
    id: PaperId,
    section: sectionNumber,
    pipeline: z.array(kebab).min(1),
    masking: facetValues,
    maskRatio: z.array(maskRatio).min(1).optional(),
    target: facetValues,
    objective: facetValues,
    architecture: facetValues,
    modality: facetValues,
    task: facetValues,
  })
  .meta(
    inFile(
      "data/references.yaml",
      Object.keys(Reference.shape).filter((key) => key !== "id"),
    ),
  );
export type ReviewedPaper = z.infer<typeof ReviewedPaper> & { summary: string };

const VocabularyValue = z.strictObject({ label: text, parent: kebab.optional(), note: text.optional() });
const Vocabulary = z.strictObject({
  label: text,
  source: text,
  values: z.record(kebab, VocabularyValue).optional(),
});
export const Vocabularies = z.strictObject(
  Object.fromEntries(facetKeys.map((k) => [k, Vocabulary])) as Record<(typeof facetKeys)[number], typeof Vocabulary>,
);
export type Vocabularies = z.infer<typeof Vocabularies>;

export const Survey = z.strictObject({
  title: text,
  authors: z.array(text).min(1),
  affiliations: z.array(text).optional(),
  year,
  arxiv: text,
  version: text.optional(),
  repository: webAddress.optional(),
  keywords: z.array(text).optional(),
});
export type Survey = z.infer<typeof Survey>;

export const Taxonomy = z.strictObject({
  directions: z.array(z.strictObject({ id: kebab, label: text, description: text, source: text })).min(1),
  sections: z
    .array(z.strictObject({ number: sectionNumber, title: text, contributions: z.array(kebab).min(1), note: text }))
    .min(1),
});
export type Taxonomy = z.infer<typeof Taxonomy>;

/** An empty CSV cell means the field is absent. */
const cell = <T extends z.ZodType>(schema: T) => z.union([z.literal("").transform(() => undefined), schema]);
const wholeNumber = form(/^\d+$/, "a whole number", "write digits only, without separators").transform(Number);
const percentage = z.string().transform((s, ctx) => {
  const value = Number(s);
  if (/^\d+(\.\d+)?$/.test(s) && value > 0 && value < 100) return value;
  ctx.issues.push({
    code: "custom",
    input: s,
    message: `expected a percentage between 0 and 100, found ${show(s)}; write 83.6`,
  });
  return z.NEVER;
});

export const Dataset = z.strictObject({
  id: kebab,
  name: text,
  modality: z.enum(["Images", "Language & Images", "Video", "3D Data", "Medical Images"]),
  role: z.enum(["Pre-training", "Downstream", "Pre-training & Downstream"]),
  trainSamples: cell(wholeNumber),
  testSamples: cell(wholeNumber),
  ref: cell(wholeNumber),
  row: wholeNumber,
  description: cell(text),
  descriptionSource: cell(text),
  note: cell(text),
});
export type Dataset = z.infer<typeof Dataset>;

export const Result = z.strictObject({
  benchmark: z.enum(["imagenet-1k", "ms-coco", "kinetics-400"]),
  backbone: text,
  pretraining: form(/^[^\s+]+(\+[^\s+]+)*$/, "data sets joined with +", "write it as IN1K+SSv2"),
  method: text,
  ref: wholeNumber,
  metric: z.enum(["top1", "map_box", "map_mask"]),
  value: percentage,
  surveyTable: wholeNumber,
  surveyRow: wholeNumber,
  note: cell(text),
});
export type Result = z.infer<typeof Result>;

const share = z.string().transform((s, ctx) => {
  const value = Number(s);
  if (/^\d+(\.\d+)?$/.test(s) && value <= 1) return value;
  ctx.issues.push({
    code: "custom",
    input: s,
    message: `expected an accuracy from 0 to 1, found ${show(s)}; write 0.83 for 83 %`,
  });
  return z.NEVER;
});
const seconds = form(/^\d+(\.\d+)?$/, "seconds", "write a number, as 41.2").transform(Number);

/** A row of data/toy-results.csv: a run of a method of the package on the toy world. */
export const ToyResult = z.strictObject({
  method: form(/^[a-z0-9_-]+$/, "a method's name", "write it as on the command line"),
  seed: wholeNumber,
  steps: wholeNumber,
  seconds,
  commit: form(/^[0-9a-f]{7,40}$/, "a commit", "write its hash, 7 to 40 digits"),
  probe: cell(share),
  knn: cell(share),
  untrained_probe: cell(share),
  untrained_knn: cell(share),
  supervised: cell(share),
  raw_pixels: cell(share),
});
export type ToyResult = z.infer<typeof ToyResult>;

export const Discrepancy = z.strictObject({
  id: kebab,
  subject: text,
  surveySays: text,
  otherSays: text,
  source: text,
});
export type Discrepancy = z.infer<typeof Discrepancy>;

export const TimelineEntry = z.strictObject({
  paper: PaperId,
  venue: text,
  year,
  note: text,
  direction: text.optional(),
  source: text,
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

const AlgorithmSymbol = z.strictObject({ tex: text, meaning: text });
export const Algorithm = z.strictObject({
  id: kebab,
  number: z.int().min(1),
  title: text,
  source: text,
  models: z.array(AlgorithmSymbol).min(1),
  inputs: z.array(AlgorithmSymbol).min(1),
  steps: z.array(z.strictObject({ n: z.int().min(1), tex: text, text })).min(1),
  equations: z.array(z.strictObject({ number: z.int().min(1), tex: text, text, source: text })).optional(),
});
export type Algorithm = z.infer<typeof Algorithm>;

export const Finding = z.strictObject({
  id: kebab,
  statement: text,
  evidence: z.array(z.strictObject({ table: z.int().min(1), rows: z.array(z.int().min(1)).min(1) })).optional(),
  source: text,
});
export type Finding = z.infer<typeof Finding>;

export const Gap = z.strictObject({
  id: kebab,
  title: text,
  text,
  source: text,
  contributions: z.array(kebab).optional(),
});
export type Gap = z.infer<typeof Gap>;

export const RelatedSurvey = z.strictObject({ ref: z.int().min(1), difference: text, source: text });
export type RelatedSurvey = z.infer<typeof RelatedSurvey>;

const Condition = z.union([
  z.strictObject({ kind: text, value: text }),
  z.strictObject({ contribution: kebab }),
  z.strictObject({ section: sectionNumber }),
]);
export type Condition = z.infer<typeof Condition>;
/** A paper belongs to a theme when every condition of at least one alternative holds. */
const ThemeRule = z.strictObject({ anyOf: z.array(z.strictObject({ allOf: z.array(Condition).min(1) })).min(1) });
export const Theme = z.strictObject({ id: kebab, label: text, category: text, source: text, rule: ThemeRule });
export type Theme = z.infer<typeof Theme>;

export const TermCounts = z.strictObject({
  id: PaperId,
  ref: z.int().min(1).optional(),
  counts: z.record(text, z.int().min(1)),
});
export type TermCounts = z.infer<typeof TermCounts>;
