import type Database from "better-sqlite3";

export interface PaperRow {
  id: string;
  ref: number | null;
  title: string;
  year: number;
  venue: string;
  short_name: string | null;
  section: string | null;
  summary: string | null;
  arxiv: string | null;
  doi: string | null;
  url: string | null;
  code_url: string | null;
  surveyed: 0 | 1;
  volume: string | null;
  pages: string | null;
  et_al: 0 | 1;
}
const SQL = /* sql */ "select * from paper";

/** All references, in the survey's order; later additions last. */
export const papers = (db: Database.Database): PaperRow[] =>
  db.prepare<[], PaperRow>(`${SQL} order by ref is null, ref, id`).all();

/** The reviewed papers, oldest first. */
export const reviewedPapers = (db: Database.Database): PaperRow[] =>
  db.prepare<[], PaperRow>(`${SQL} where surveyed = 1 order by year, id`).all();
