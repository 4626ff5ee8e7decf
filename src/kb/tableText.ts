/** Query results as text: for people, spreadsheets, pull requests and papers. */
import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import { markdownTable } from "markdown-table";

export interface QueryResult {
  columns: string[];
  rows: unknown[][];
}
export type TableFormat = "table" | "json" | "csv" | "markdown" | "latex";

/** Bytes as SQL writes them. */
const blobText = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString("hex")}'`;
const cellText = (value: unknown): string =>
  value === null || value === undefined ? "" : value instanceof Uint8Array ? blobText(value) : String(value);
/** A cell where a row must stay on one line. */
const lineText = (value: unknown): string => cellText(value).replace(/\s*[\r\n]\s*/g, " ");
const isNumeric = (rows: unknown[][], column: number): boolean =>
  rows.length > 0 && rows.every((row) => row[column] === null || typeof row[column] === "number");

function box({ columns, rows }: QueryResult): string {
  const table = new Table({
    head: columns.map(lineText),
    colAligns: columns.map((_, i) => (isNumeric(rows, i) ? "right" : "left")),
    style: { head: [], border: [], compact: true },
    chars: {
      ...Object.fromEntries(
        [
          "top",
          "top-mid",
          "top-left",
          "top-right",
          "bottom",
          "bottom-mid",
          "bottom-left",
          "bottom-right",
          "left",
          "left-mid",
          "right",
          "right-mid",
        ].map((k) => [k, ""]),
      ),
      mid: "─",
      "mid-mid": "  ",
      middle: "  ",
    },
  });
  table.push(...rows.map((row) => row.map(lineText)));
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.replace(/\s+$/, "").replace(/^ /, ""));
  const rule = Math.max(...lines.map((line) => [...line].length));
  const count = `${rows.length} row${rows.length === 1 ? "" : "s"}`;
  return `${lines[0]}\n${"─".repeat(rule)}\n${rows.length ? `${lines.slice(-rows.length).join("\n")}\n` : ""}${count}\n`;
}

const latexSpecial: Record<string, string> = {
  "&": "\\&",
  "%": "\\%",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "{": "\\{",
  "}": "\\}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "\\": "\\textbackslash{}",
  "–": "--",
  "—": "---",
  "…": "\\ldots{}",
  "²": "\\textsuperscript{2}",
  "³": "\\textsuperscript{3}",
};
/** Text that LaTeX prints as it is. */
const escapeLatex = (text: string): string => text.replace(/[&%$#_{}~^\\–—…²³]/g, (c) => latexSpecial[c]!);

function latex({ columns, rows }: QueryResult): string {
  const line = (cells: string[]) => `  ${cells.map(escapeLatex).join(" & ")} \\\\`;
  const alignment = columns.map((_, i) => (isNumeric(rows, i) ? "r" : "l")).join("");
  return [
    "% needs \\usepackage{booktabs}",
    `\\begin{tabular}{${alignment}}`,
    "  \\toprule",
    line(columns.map(lineText)),
    "  \\midrule",
    ...rows.map((row) => line(row.map(lineText))),
    "  \\bottomrule",
    "\\end{tabular}",
    "",
  ].join("\n");
}

/** The result in one of the formats; ends with a line break. */
export function formatTable(result: QueryResult, format: TableFormat): string {
  const { columns, rows } = result;
  switch (format) {
    case "json": {
      const twice = columns.find((column, i) => columns.indexOf(column) !== i);
      if (twice !== undefined)
        throw new TypeError(`expected each column once in JSON, found ${twice} twice; name one with "as"`);
      const plain = (value: unknown) => (value instanceof Uint8Array ? blobText(value) : value);
      const records = rows.map((row) => Object.fromEntries(columns.map((c, i) => [c, plain(row[i])])));
      return `${JSON.stringify(records, null, 2)}\n`;
    }
    case "csv":
      return stringify([columns, ...rows.map((row) => row.map(cellText))]);
    case "markdown": {
      const align = columns.map((_, i) => (isNumeric(rows, i) ? "r" : "l"));
      const barred = (value: unknown) => lineText(value).replace(/\|/g, "\\|");
      const cells = rows.map((row) => row.map(barred));
      return `${markdownTable([columns.map(barred), ...cells], { align })}\n`;
    }
    case "latex":
      return latex(result);
    case "table":
      return box(result);
  }
}
