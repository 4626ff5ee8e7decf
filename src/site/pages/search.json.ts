import { authorsOf } from "../../kb/queries/authors.ts";
import { datasets } from "../../kb/queries/datasets.ts";
import { implementations, partsOf } from "../../kb/queries/implementations.ts";
import { reviewedPapers } from "../../kb/queries/papers.ts";
import { href } from "../href.ts";
import { db } from "../kb.ts";

/** What the search page looks through. */
export function GET(): Response {
  const papers = reviewedPapers(db).map((p) => ({
    id: p.id,
    path: href(`papers/${p.id}/`),
    title: p.title,
    method: p.short_name ?? "",
    people: `${authorsOf(db, p.id).join(", ")}, ${p.venue} ${p.year}`,
    text: p.summary,
  }));
  const sets = datasets(db).map((d) => ({
    id: `dataset-${d.id}`,
    path: `${href("datasets/")}#${d.id}`,
    title: d.name,
    method: d.name,
    people: `data set, ${d.modality}`,
    text: d.description ?? "",
  }));
  const methods = implementations(db).map((i) => ({
    id: `implementation-${i.id}`,
    path: href(`implementations/${i.id}/`),
    title: `${i.title}, reference implementation`,
    method: i.title,
    people: `implementation, ${i.level}`,
    text: partsOf(db, i.id)
      .map((part) => part.does)
      .join("; "),
  }));
  return Response.json([...papers, ...sets, ...methods]);
}
