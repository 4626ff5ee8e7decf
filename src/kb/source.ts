/** Reads data files so that every problem carries its file and line. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { CsvError } from "csv-parse";
import { parse as parseCsv } from "csv-parse/sync";
import {
  type Alias,
  type Document,
  type ErrorCode,
  isMap,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
} from "yaml";
import type { z } from "zod";
import { explain, show, unknownKey } from "./explain.ts";
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

/** Keys of a record, in order of its schema; none for other schemas. */
const keysOf = (schema: z.ZodType): string[] => ("shape" in schema ? Object.keys(schema.shape as object) : []);

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
      const field = path.map(String).join(".");
      if (inner.code === "unrecognized_keys") {
        const known = path.length === 0 ? keysOf(schema) : [];
        const elsewhere = schema.meta()?.elsewhere as Record<string, string> | undefined;
        for (const key of inner.keys) {
          report({
            file,
            line: lineOf([...path, key]),
            field,
            message: unknownKey(key, known, elsewhere),
          });
        }
      } else report({ file, line: lineOf(path), field, message: explain(inner) });
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
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  report({
    file,
    line: firstLineNotUtf8(bytes),
    field: "",
    message: "expected UTF-8 text, found other bytes; save the file as UTF-8",
  });
  return undefined;
}

/** No character of more than one byte has a line feed in it, so lines can be judged one by one. */
function firstLineNotUtf8(bytes: Buffer): number {
  for (let line = 1, from = 0; ; line++) {
    const to = bytes.indexOf("\n", from);
    if (to < 0 || !isUtf8(bytes.subarray(from, to))) return line;
    from = to + 1;
  }
}

const yamlFixes: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: "remove one of the two",
  BLOCK_AS_IMPLICIT_KEY: 'put text that holds ": " in quotes, and begin keys of one record in one column',
  TAB_AS_INDENT: "indent with spaces",
};

/** Parsed YAML and the line of each path in it; `firstLine` is the line of the text's first character. */
function parseYaml(text: string, file: string, firstLine: number, report: Report) {
  const counter = new LineCounter();
  const doc = parseDocument<ParsedNode>(text, { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number) => counter.linePos(offset).line + firstLine - 1;
  const syntax = doc.errors.filter((error) => error.code !== "DUPLICATE_KEY");
  // Errors after the first one of syntax are mostly its echoes.
  const errors = [...doc.errors.filter((error) => error.code === "DUPLICATE_KEY"), ...syntax.slice(0, 1)];
  for (const { code, message, pos } of errors) {
    const fix = yamlFixes[code] ?? "check indentation, quotes and brackets";
    const what = message.replace(/\s+/g, " ").replace(/[.;]$/, "");
    report({ file, line: lineAt(pos[0]), field: "", message: `expected valid YAML, found: ${what}; ${fix}` });
  }
  const dangling = errors.length ? [] : danglingAliases(doc);
  for (const { source, range } of dangling) {
    const message = `expected a value, found *${source}, which YAML reads as a name given elsewhere; put it in quotes`;
    report({ file, line: lineAt(range![0]), field: "", message });
  }
  const failed = errors.length + dangling.length > 0;
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
  return { value: failed ? undefined : doc.toJS(), lineOf, failed };
}

function danglingAliases(doc: Document.Parsed): Alias[] {
  const found: Alias[] = [];
  visit(doc, {
    Alias: (_key, alias) => {
      if (!alias.resolve(doc)) found.push(alias);
    },
  });
  return found;
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
  const complain = (line: number, message: string) => report({ file, line, field: "", message });
  const rows: { cells: string[]; line: number }[] = [];
  let next = 1;
  try {
    parseCsv(text, {
      bom: true,
      relax_column_count: true,
      on_record: (cells: string[], { lines }) => {
        rows.push({ cells, line: next });
        next = lines + 1;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const what = error.message.replace(/ (at|on) line .*$/, "");
    complain(next, `expected cells between commas, found: ${what}; check commas and quotes`);
    return [];
  }
  const [header, ...body] = rows;
  const keys = keysOf(schema);
  if (!header) {
    complain(1, `expected a row of column names, found an empty file; begin with ${keys.join(",")}`);
    return [];
  }
  const columns = header.cells;
  const unknown = columns.filter((column) => !keys.includes(column));
  const missing = keys.filter((key) => !columns.includes(key));
  const repeated = columns.filter((column, i) => keys.includes(column) && columns.indexOf(column) !== i);
  for (const column of unknown) complain(1, unknownKey(column, keys));
  for (const column of missing) complain(1, `expected a column ${column}, found none; add it`);
  for (const column of repeated) complain(1, `expected each column once, found ${column} twice; remove one`);
  const sound = unknown.length + missing.length + repeated.length === 0;
  return body.flatMap(({ cells, line }) => {
    if (cells.length !== columns.length) {
      complain(line, `expected ${columns.length} cells, one a column, found ${cells.length}; check commas and quotes`);
      return [];
    }
    if (!sound) return [];
    const record = Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
    const value = check(schema, record, file, () => line, report);
    return value === undefined ? [] : [{ value, file, line: () => line }];
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
  const match = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n([\s\S]*))?$/.exec(text);
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
    body: (match[2] ?? "").trim().replace(/\s+/g, " "),
    bodyLine: match[1]!.split("\n").length + 3,
  };
}
