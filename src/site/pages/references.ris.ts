import { cslJson, ris } from "../../kb/bibliography.ts";
import { authorsOf } from "../../kb/queries/authors.ts";
import { papers } from "../../kb/queries/papers.ts";
import { db } from "../kb.ts";

/** All references as RIS. */
export const GET = (): Response =>
  new Response(ris(papers(db).map((p) => cslJson(p, authorsOf(db, p.id)))), {
    headers: { "content-type": "application/x-research-info-systems; charset=utf-8" },
  });
