import Table from "cli-table3";
import { isNumeric, lineText, type QueryResult } from "./tableText.ts";

/** A result as a table for the terminal, with its number of rows; ends with a line break. */
export function boxTable({ columns, rows }: QueryResult): string {
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
