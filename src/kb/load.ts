/** Reads all of data/ and checks every file on its own; keys between files are checked in crossCheck.ts. */
import { existsSync, readdirSync } from "node:fs";
import type { z } from "zod";
import { show } from "./explain.ts";
import * as records from "./records.ts";
import { type Located, type Report, readLines, readList, readMarkdown, readRecord, readTable } from "./source.ts";

export interface Data {
  survey: Located<records.Survey> | undefined;
  references: Located<records.Reference>[];
  papers: Located<records.ReviewedPaper>[];
  vocabularies: Located<records.Vocabularies> | undefined;
  taxonomy: Located<z.infer<typeof records.Taxonomy>> | undefined;
  datasets: Located<records.Dataset>[];
  results: Located<records.Result>[];
  discrepancies: Located<records.Discrepancy>[];
  timeline: Located<records.TimelineEntry>[];
  algorithms: Located<records.Algorithm>[];
  findings: Located<records.Finding>[];
  gaps: Located<records.Gap>[];
  relatedSurveys: Located<records.RelatedSurvey>[];
  themes: Located<records.Theme>[];
  termCounts: Located<records.TermCounts>[];
  /** Empty where data/ has no toy-results.csv. */
  toyResults: Located<records.ToyResult>[];
}

const summaryWords = { least: 60, most: 120 };

function readPapers(root: string, report: Report): Located<records.ReviewedPaper>[] {
  const names = readdirSync(`${root}/data/papers`)
    .filter((name) => name.endsWith(".md"))
    .sort();
  return names.flatMap((name) => {
    const file = `data/papers/${name}`;
    const paper = readMarkdown(root, file, records.ReviewedPaper, report);
    if (!paper) return [];
    const { body, bodyLine, value } = paper;
    if (`${value.id}.md` !== name) {
      report({
        file,
        line: paper.line("id"),
        field: "id",
        message: `expected ${name.slice(0, -3)}, as the file is named, found ${show(value.id)}; rename one of the two`,
      });
    }
    const words = body === "" ? 0 : body.split(" ").length;
    if (words < summaryWords.least || words > summaryWords.most) {
      const fix = words < summaryWords.least ? "say more" : "shorten it";
      report({
        file,
        line: bodyLine,
        field: "summary",
        message: `expected ${summaryWords.least} to ${summaryWords.most} words, found ${words}; ${fix}`,
      });
    }
    return [{ value: { ...value, summary: body }, file, line: paper.line }];
  });
}

/** All records of `root`/data that are valid on their own; problems go to `report`. */
export function loadData(root: string, report: Report): Data {
  const list = <S extends z.ZodType>(name: string, schema: S) => readList(root, `data/${name}.yaml`, schema, report);
  return {
    survey: readRecord(root, "data/survey.json", records.Survey, report),
    references: list("references", records.Reference),
    papers: readPapers(root, report),
    vocabularies: readRecord(root, "data/vocabularies.yaml", records.Vocabularies, report),
    taxonomy: readRecord(root, "data/taxonomy.yaml", records.Taxonomy, report),
    datasets: readTable(root, "data/datasets.csv", records.Dataset, report),
    results: readTable(root, "data/results.csv", records.Result, report),
    discrepancies: list("discrepancies", records.Discrepancy),
    timeline: list("timeline", records.TimelineEntry),
    algorithms: list("algorithms", records.Algorithm),
    findings: list("findings", records.Finding),
    gaps: list("gaps", records.Gap),
    relatedSurveys: list("related-surveys", records.RelatedSurvey),
    themes: list("themes", records.Theme),
    termCounts: readLines(root, "data/term-counts.jsonl", records.TermCounts, report),
    toyResults: existsSync(`${root}/data/toy-results.csv`)
      ? readTable(root, "data/toy-results.csv", records.ToyResult, report)
      : [],
  };
}
