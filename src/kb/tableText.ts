/** Query results as text: for spreadsheets, pull requests, papers and programs. Runs in Node and in a page. */
import { csvFormatRows } from "d3-dsv";
import { markdownTable } from "markdown-table";

export interface QueryResult {
  columns: string[];
  rows: unknown[][];
}
export type TableFormat = "json" | "csv" | "markdown" | "latex";

/** Bytes as SQL writes them. */
const blobText = (bytes: Uint8Array): string =>
  `x'${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}'`;
/** A value as text; null is empty. */
export const cellText = (value: unknown): string =>
  value === null || value === undefined ? "" : value instanceof Uint8Array ? blobText(value) : String(value);
/** A cell where a row must stay on one line. */
export const lineText = (value: unknown): string => cellText(value).replace(/\s*[\r\n]\s*/g, " ");
/** Whether a column holds numbers only, so that it stands to the right. */
export const isNumeric = (rows: unknown[][], column: number): boolean =>
  rows.length > 0 && rows.every((row) => row[column] === null || /^(number|bigint)$/.test(typeof row[column]));

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
      const plain = (value: unknown) =>
        value instanceof Uint8Array ? blobText(value) : typeof value === "bigint" ? String(value) : value;
      const records = rows.map((row) => Object.fromEntries(columns.map((c, i) => [c, plain(row[i])])));
      return `${JSON.stringify(records, null, 2)}\n`;
    }
    case "csv":
      return `${csvFormatRows([columns, ...rows.map((row) => row.map(cellText))])}\n`;
    case "markdown": {
      const align = columns.map((_, i) => (isNumeric(rows, i) ? "r" : "l"));
      const barred = (value: unknown) => lineText(value).replace(/\|/g, "\\|");
      const cells = rows.map((row) => row.map(barred));
      return `${markdownTable([columns.map(barred), ...cells], { align })}\n`;
    }
    case "latex":
      return latex(result);
  }
}
