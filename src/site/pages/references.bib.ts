import { bibtex, cslJson } from "../../kb/bibliography.ts";
import { authorsOf } from "../../kb/queries/authors.ts";
import { papers } from "../../kb/queries/papers.ts";
import { db } from "../kb.ts";

/** All references as BibTeX. */
export const GET = (): Response =>
  new Response(bibtex(papers(db).map((p) => cslJson(p, authorsOf(db, p.id)))), {
    headers: { "content-type": "application/x-bibtex; charset=utf-8" },
  });
