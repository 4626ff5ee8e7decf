import type Database from "better-sqlite3";

export interface DiscrepancyRow {
  id: string;
  subject: string;
  survey_says: string;
  other_says: string;
  source: string;
}
const SQL = /* sql */ "select * from discrepancy";

export const discrepancies = (db: Database.Database): DiscrepancyRow[] =>
  db.prepare<[], DiscrepancyRow>(`${SQL} order by subject, id`).all();

/** Discrepancies about a paper or a data set. */
export const discrepanciesOf = (db: Database.Database, subject: string): DiscrepancyRow[] =>
  db.prepare<[string], DiscrepancyRow>(`${SQL} where subject = ? order by id`).all(subject);
