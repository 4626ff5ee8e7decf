/** Reads data files so that every problem carries its file and line. */
import { readFileSync } from "node:fs";
import { CsvError } from "csv-parse";
import { parse as parseCsv } from "csv-parse/sync";
import { isMap, LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { explain, show } from "./explain.ts";
import type { Problem } from "./problem.ts";

/** A valid record with its place. */
export interface Located<T> {
  value: T;
  file: string;
  /** Line of a field, from 1; of the record itself without one. */
  line: (field?: string) => number;
}

/** Collects problems; nothing throws until all files are read. */
export type Report = (problem: Problem) => void;

type Path = readonly PropertyKey[];

function knownKeysOf(schema: z.ZodType): string[] {
  return "shape" in schema ? Object.keys(schema.shape as object) : [];
}

function check<S extends z.ZodType>(
  schema: S,
  input: unknown,
  file: string,
  lineOf: (path: Path) => number,
  report: Report,
): z.infer<S> | undefined {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const issues = issue.code === "invalid_union" ? (issue.errors.at(-1) ?? [issue]) : [issue];
    for (const inner of issues) {
      const path = inner === issue ? issue.path : [...issue.path, ...inner.path];
      const unknown = inner.code === "unrecognized_keys" ? [inner.keys[0]!] : [];
      report({
        file,
        line: lineOf([...path, ...unknown]),
        field: path.map(String).join("."),
        message: explain(inner, path.length === 0 ? knownKeysOf(schema) : []),
      });
    }
  }
  return undefined;
}

function readText(root: string, file: string, report: Report): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(`${root}/${file}`);
  } catch {
    report({ file, line: 1, field: "", message: "expected a readable file, found none; add it or restore it" });
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    report({ file, line: 1, field: "", message: "expected UTF-8 text, found other bytes; save the file as UTF-8" });
    return undefined;
  }
}

/** Parsed YAML and the line of each path in it; `firstLine` is the line of the text's first character. */
function parseYaml(text: string, file: string, firstLine: number, report: Report) {
  const counter = new LineCounter();
  const doc = parseDocument<ParsedNode>(text, { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number) => counter.linePos(offset).line + firstLine - 1;
  for (const error of doc.errors) {
    const fix = error.code === "DUPLICATE_KEY" ? "remove one of the two" : "check indentation, quotes and brackets";
    const what = error.message.replace(/\s+/g, " ").replace(/[.;]$/, "");
    report({ file, line: lineAt(error.pos[0]), field: "", message: `expected valid YAML, found: ${what}; ${fix}` });
  }
  const lineOf = (path: Path): number => {
    let node: ParsedNode | null | undefined = doc.contents;
    let line = node?.range ? lineAt(node.range[0]) : firstLine;
    for (const key of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => String(item.key) === String(key));
        if (!pair) break;
        line = lineAt((pair.key as ParsedNode).range[0]);
        node = pair.value as ParsedNode | null;
      } else {
        const child: ParsedNode | undefined = (node as { items?: ParsedNode[] } | null)?.items?.[Number(key)];
        if (!child?.range) break;
        line = lineAt(child.range[0]);
        node = child;
      }
    }
    return line;
  };
  return { value: doc.errors.length ? undefined : doc.toJS(), lineOf, failed: doc.errors.length > 0 };
}

/** A YAML (or JSON) file holding one record. */
export function readRecord<S extends z.ZodType>(
  root: string,
  file: string,
  schema: S,
  report: Report,
): Located<z.infer<S>> | undefined {
  const text = readText(root, file, report);
  if (text === undefined) return undefined;
  const { value, lineOf, failed } = parseYaml(text, file, 1, report);
  if (failed) return undefined;
  const record = check(schema, value, file, lineOf, report);
  return record === undefined
    ? undefined
    : { value: record, file, line: (field) => lineOf(field ? field.split(".") : []) };
}

/** A YAML file holding a list of records. */
export function readList<S extends z.ZodType>(
  root: string,
  file: string,
  schema: S,
  report: Report,
): Located<z.infer<S>>[] {
  const text = readText(root, file, report);
  if (text === undefined) return [];
  const { value, lineOf, failed } = parseYaml(text, file, 1, report);
  if (failed) return [];
  if (!Array.isArray(value)) {
    report({ file, line: 1, field: "", message: `expected a list, found ${show(value)}; begin each record with "- "` });
    return [];
  }
  return value.flatMap((item, i) => {
    const record = check(schema, item, file, (path) => lineOf([i, ...path]), report);
    return record === undefined
      ? []
      : [{ value: record, file, line: (field?: string) => lineOf(field ? [i, ...field.split(".")] : [i]) }];
  });
}

/** A CSV file with a header row. */
export function readTable<S extends z.ZodType>(
  root: string,
  file: string,
  schema: S,
  report: Report,
): Located<z.infer<S>>[] {
  const text = readText(root, file, report);
  if (text === undefined) return [];
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  try {
    rows = parseCsv(text, { columns: true, info: true, bom: true }) as unknown as typeof rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as unknown as { lines?: number }).lines ?? 1);
    const what = error.message.replace(/ (at|on) line .*$/, "");
    report({ file, line, field: "", message: `expected one cell a column, found: ${what}; check commas and quotes` });
    return [];
  }
  return rows.flatMap(({ record, info }) => {
    const line = () => info.lines;
    const value = check(schema, record, file, line, report);
    return value === undefined ? [] : [{ value, file, line }];
  });
}

/** A file of one JSON record a line. */
export function readLines<S extends z.ZodType>(
  root: string,
  file: string,
  schema: S,
  report: Report,
): Located<z.infer<S>>[] {
  const text = readText(root, file, report);
  if (text === undefined) return [];
  return text.split("\n").flatMap((content, i) => {
    if (content.trim() === "") return [];
    let json: unknown;
    try {
      json = JSON.parse(content);
    } catch {
      report({
        file,
        line: i + 1,
        field: "",
        message: `expected JSON, found ${show(content)}; write one JSON object a line`,
      });
      return [];
    }
    const line = () => i + 1;
    const value = check(schema, json, file, line, report);
    return value === undefined ? [] : [{ value, file, line }];
  });
}

/** A Markdown file: YAML front matter and a body. */
export function readMarkdown<S extends z.ZodType>(
  root: string,
  file: string,
  schema: S,
  report: Report,
): (Located<z.infer<S>> & { body: string; bodyLine: number }) | undefined {
  const text = readText(root, file, report);
  if (text === undefined) return undefined;
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
  if (!match) {
    report({
      file,
      line: 1,
      field: "",
      message: "expected front matter between two lines of ---, found none; add it at the top",
    });
    return undefined;
  }
  const { value, lineOf, failed } = parseYaml(match[1]!, file, 2, report);
  if (failed) return undefined;
  const record = check(schema, value, file, lineOf, report);
  if (record === undefined) return undefined;
  return {
    value: record,
    file,
    line: (field) => lineOf(field ? field.split(".") : []),
    body: match[2]!.trim().replace(/\s+/g, " "),
    bodyLine: match[1]!.split("\n").length + 3,
  };
}
