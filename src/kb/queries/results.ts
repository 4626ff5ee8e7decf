import type Database from "better-sqlite3";

export interface ResultRow {
  id: number;
  benchmark: string;
  backbone: string;
  pretraining: string;
  method: string;
  paper_id: string;
  metric: "top1" | "map_box" | "map_mask";
  value: number;
  survey_table: number;
  survey_row: number;
  note: string | null;
}
const SQL = /* sql */ "select * from result";

/** Results on a benchmark, in printed order. */
export const resultsOn = (db: Database.Database, benchmark: string): ResultRow[] =>
  db.prepare<[string], ResultRow>(`${SQL} where benchmark = ? order by id`).all(benchmark);

/** Results that cite a paper, in printed order. */
export const resultsOf = (db: Database.Database, paperId: string): ResultRow[] =>
  db.prepare<[string], ResultRow>(`${SQL} where paper_id = ? order by id`).all(paperId);
