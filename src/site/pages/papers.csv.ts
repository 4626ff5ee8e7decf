import { authorsOf } from "../../kb/queries/authors.ts";
import { contributionsOf } from "../../kb/queries/contributions.ts";
import { reviewedPapers } from "../../kb/queries/papers.ts";
import { formatTable } from "../../kb/tableText.ts";
import { db } from "../kb.ts";

/** The reviewed papers as CSV, a line each; the paper list takes its lines from here. */
export const GET = (): Response => {
  const columns = [
    "id",
    "ref",
    "short_name",
    "title",
    "year",
    "venue",
    "section",
    "arxiv",
    "doi",
    "url",
    "code_url",
  ] as const;
  const rows = reviewedPapers(db).map((p) => [
    ...columns.map((column) => p[column]),
    authorsOf(db, p.id).join("; "),
    contributionsOf(db, p.id)
      .map((c) => c.id)
      .join("; "),
  ]);
  return new Response(formatTable({ columns: [...columns, "authors", "contributions"], rows }, "csv"), {
    headers: { "content-type": "text/csv; charset=utf-8" },
  });
};
