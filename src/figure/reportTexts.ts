/** A clustering report as HTML for people and Markdown for a pull request. */
import { escapeHtml } from "./escape.ts";
import { reportPage } from "./reportPage.ts";
import { type ReportTable, tableHtml, tableMarkdown } from "./reportTable.ts";

export interface ReportPart {
  readonly id: string;
  readonly title: string;
  /** Plain text. */
  readonly note: string;
  /** HTML. */
  readonly figure?: string;
  readonly table?: ReportTable;
}

/** The two texts by file name; Markdown has the parts with a table. */
export function reportTexts(title: string, lead: string, parts: readonly ReportPart[]): Record<string, string> {
  return {
    "index.html": reportPage({
      title,
      lead: escapeHtml(lead),
      sections: parts.map(({ id, title, note, figure = "", table }) => ({
        id,
        title,
        body: `${note && `<p class="note">${escapeHtml(note)}</p>`}${figure}${table ? tableHtml(table, title) : ""}`,
      })),
    }),
    "report.md": `# ${title}\n\n${lead}\n\n${parts
      .filter(({ table }) => table)
      .map(({ title, note, table }) => `## ${title}\n\n${note && `${note}\n\n`}${tableMarkdown(table!)}\n`)
      .join("\n")}`,
  };
}
