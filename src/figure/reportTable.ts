/** A table of a report, as HTML and as Markdown. */
import { markdownTable } from "markdown-table";
import { escapeHtml } from "./escape.ts";

/** null: there is no such value. */
type Cell = string | number | null | { readonly text: string; readonly href: string } | readonly Linked[];
interface Linked {
  readonly text: string;
  readonly href: string;
}

export interface ReportTable {
  /** A column of numbers says how many decimals it shows. */
  readonly columns: readonly { readonly name: string; readonly decimals?: number }[];
  readonly rows: readonly {
    /** What links to the row name it by. */
    readonly id?: string;
    readonly cells: readonly Cell[];
  }[];
}

/** The table as HTML; it scrolls by itself where it is wider than the screen. */
export function tableHtml({ columns, rows }: ReportTable, label: string): string {
  const head = columns.map(({ name, decimals }) => `<th${kind(decimals, false)}>${escapeHtml(name)}</th>`).join("");
  const body = rows
    .map(({ id, cells }) => {
      const tds = cells.map((cell, c) => {
        const { decimals } = columns[c]!;
        return `<td${kind(decimals, plain(cell, decimals).length > 24)}>${html(cell, decimals)}</td>`;
      });
      return `<tr${id ? ` id="${escapeHtml(id)}"` : ""}>${tds.join("")}</tr>`;
    })
    .join("\n");
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(label)}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** The table as Markdown, without links. */
export const tableMarkdown = ({ columns, rows }: ReportTable): string =>
  markdownTable(
    [
      columns.map(({ name }) => name),
      ...rows.map(({ cells }) => cells.map((cell, c) => markdown(plain(cell, columns[c]!.decimals)))),
    ],
    { align: columns.map(({ decimals }) => (decimals === undefined ? "l" : "r")) },
  );

const kind = (decimals: number | undefined, long: boolean): string =>
  decimals !== undefined ? ' class="number"' : long ? ' class="words"' : "";

function plain(cell: Cell, decimals: number | undefined): string {
  if (cell === null) return "–";
  if (typeof cell === "number") return signed(cell.toFixed(decimals));
  if (typeof cell === "string") return cell;
  return "text" in cell ? cell.text : cell.map(({ text }) => text).join("; ");
}

function html(cell: Cell, decimals: number | undefined): string {
  if (cell === null || typeof cell !== "object") return escapeHtml(plain(cell, decimals));
  const link = ({ text, href }: Linked) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;
  return "text" in cell ? link(cell) : cell.map(link).join("; ");
}

/** With a true minus, and none before zero. */
const signed = (text: string): string => (/^-[0.]*$/.test(text) ? text.slice(1) : text.replace("-", "−"));

/** Text that no Markdown reader takes for markup or for the end of a cell. */
const markdown = (text: string): string => text.replace(/[\\`*_[\]<>|~]/g, "\\$&").replace(/\s+/g, " ");
