import type { APIContext } from "astro";
import { bibtex, cslJson } from "../../../kb/bibliography.ts";
import { authorsOf } from "../../../kb/queries/authors.ts";
import { papers } from "../../../kb/queries/papers.ts";
import { type PrintedRow, printedRows } from "../../../kb/queries/results.ts";
import { formatTable, type TableFormat } from "../../../kb/tableText.ts";
import { type Benchmark, benchmarks, db } from "../../kb.ts";

const formats = { csv: "csv", json: "json", md: "markdown", tex: "latex" } as const satisfies Record<
  string,
  TableFormat
>;
type Ending = keyof typeof formats | "bib";

/** The rows of a results page, and the papers they cite, as files. */
export const getStaticPaths = () =>
  Object.keys(benchmarks).flatMap((benchmark) =>
    [...Object.keys(formats), "bib"].map((ending) => ({
      params: { file: `${benchmark}.${ending}` },
      props: { benchmark, ending },
    })),
  );

export function GET({ props }: APIContext<{ benchmark: Benchmark; ending: Ending }>): Response {
  const { benchmark, ending } = props;
  const rows = printedRows(db, benchmark);
  const text = ending === "bib" ? cited(rows) : formatTable(tableOf(benchmark, rows), formats[ending]);
  return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
}

function tableOf(benchmark: Benchmark, rows: PrintedRow[]) {
  const columns = ["backbone", "pretraining", "method", "paper_id", ...Object.keys(benchmarks[benchmark].metrics)];
  return {
    columns: [...columns, "source"],
    rows: rows.map((row) => [
      ...columns.map((column) => row[column as keyof PrintedRow]),
      `Table ${row.survey_table}, row ${row.survey_row}`,
    ]),
  };
}

function cited(rows: PrintedRow[]): string {
  const ids = new Set(rows.map((row) => row.paper_id));
  return bibtex(
    papers(db)
      .filter((p) => ids.has(p.id))
      .map((p) => cslJson(p, authorsOf(db, p.id))),
  );
}
