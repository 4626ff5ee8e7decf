import { db } from "../kb.ts";

/** Every table of the knowledge base but the word counts, as JSON. */
export function GET(): Response {
  const tables = db
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like 'paper_text%' and name <> 'term_count' order by name",
    )
    .pluck()
    .all();
  return Response.json(Object.fromEntries(tables.map((name) => [name, db.prepare(`select * from "${name}"`).all()])));
}
