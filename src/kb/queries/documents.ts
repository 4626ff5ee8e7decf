import type Database from "better-sqlite3";

export interface DocumentRow {
  id: string;
  short_name: string | null;
  year: number;
  section: string;
  title: string;
  summary: string;
  /** JSON object of word counts of the abstract; null where there are none. */
  counts: string | null;
}
const SQL = /* sql */ `
  select p.id, p.short_name, p.year, p.section, p.title, p.summary,
    (select json_group_object(term, count) from (select term, count from term_count where paper_id = p.id order by term)) as counts
  from paper p where p.surveyed = 1 order by p.id`;

/** What is clustered: the reviewed papers by id. */
export const documents = (db: Database.Database): DocumentRow[] =>
  db
    .prepare<[], DocumentRow>(SQL)
    .all()
    .map((row) => ({ ...row, counts: row.counts === "{}" ? null : row.counts }));
