/** Reads all of data/ and checks every file on its own; keys between files are checked in crossCheck.ts. */
import { existsSync, readdirSync } from "node:fs";
import type { z } from "zod";
import { closest, show } from "./explain.ts";
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

/** Names in a folder, in order; those of the system and of editors (.DS_Store, notes~) are none of ours. */
function namesIn(root: string, folder: string, report: Report): string[] {
  try {
    return readdirSync(`${root}/${folder}`)
      .filter((name) => !/^\.|~$/.test(name))
      .sort();
  } catch {
    const message = "expected a folder, found none; add it or restore it";
    report({ file: folder, line: 1, field: "", message });
    return [];
  }
}

function readPapers(root: string, report: Report): Located<records.ReviewedPaper>[] {
  const all = namesIn(root, "data/papers", report);
  const names = all.filter((name) => name.endsWith(".md"));
  for (const name of all) {
    if (name.endsWith(".md")) continue;
    const message = "expected Markdown files alone, named <id>.md, found another; rename or remove it";
    report({ file: `data/papers/${name}`, line: 1, field: "", message });
  }
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

const files = {
  survey: "survey.json",
  references: "references.yaml",
  vocabularies: "vocabularies.yaml",
  taxonomy: "taxonomy.yaml",
  datasets: "datasets.csv",
  results: "results.csv",
  discrepancies: "discrepancies.yaml",
  timeline: "timeline.yaml",
  algorithms: "algorithms.yaml",
  findings: "findings.yaml",
  gaps: "gaps.yaml",
  relatedSurveys: "related-surveys.yaml",
  themes: "themes.yaml",
  termCounts: "term-counts.jsonl",
  toyResults: "toy-results.csv",
} as const;

/** A file under another name would be passed over in silence. */
function refuseStrangers(root: string, report: Report): void {
  const known = [...Object.values(files), "papers"];
  for (const name of namesIn(root, "data", report)) {
    if (known.includes(name)) continue;
    const near = closest(name, known, 0.7);
    const message = `expected only the files that docs/data.md lists, found ${name}; ${near ? `did you mean ${near}?` : "remove it"}`;
    report({ file: `data/${name}`, line: 1, field: "", message });
  }
}

/** All records of `root`/data that are valid on their own; problems go to `report`. */
export function loadData(root: string, report: Report): Data {
  const at = (file: keyof typeof files) => `data/${files[file]}`;
  const list = <S extends z.ZodType>(file: keyof typeof files, schema: S) => readList(root, at(file), schema, report);
  const record = <S extends z.ZodType>(file: keyof typeof files, schema: S) =>
    readRecord(root, at(file), schema, report);
  const table = <S extends z.ZodType>(file: keyof typeof files, schema: S) => readTable(root, at(file), schema, report);
  refuseStrangers(root, report);
  return {
    survey: record("survey", records.Survey),
    references: list("references", records.Reference),
    papers: readPapers(root, report),
    vocabularies: record("vocabularies", records.Vocabularies),
    taxonomy: record("taxonomy", records.Taxonomy),
    datasets: table("datasets", records.Dataset),
    results: table("results", records.Result),
    discrepancies: list("discrepancies", records.Discrepancy),
    timeline: list("timeline", records.TimelineEntry),
    algorithms: list("algorithms", records.Algorithm),
    findings: list("findings", records.Finding),
    gaps: list("gaps", records.Gap),
    relatedSurveys: list("relatedSurveys", records.RelatedSurvey),
    themes: list("themes", records.Theme),
    termCounts: readLines(root, at("termCounts"), records.TermCounts, report),
    toyResults: existsSync(`${root}/${at("toyResults")}`) ? table("toyResults", records.ToyResult) : [],
  };
}
