import type Database from "better-sqlite3";

const SQL_ROWS = /* sql */ `
  select r.benchmark, r.backbone, r.pretraining, r.method, r.paper_id, r.survey_table, r.survey_row, r.note,
    max(case when r.metric = 'top1' then r.value end) as top1,
    max(case when r.metric = 'map_box' then r.value end) as map_box,
    max(case when r.metric = 'map_mask' then r.value end) as map_mask
  from result r where coalesce(r.benchmark = @benchmark, true) and coalesce(r.paper_id = @paper, true)
  group by r.survey_table, r.survey_row order by r.survey_table, r.survey_row`;

/** A printed row of a table: one method with all its values, in per cent. */
export interface PrintedRow {
  benchmark: string;
  backbone: string;
  pretraining: string;
  method: string;
  paper_id: string;
  survey_table: number;
  survey_row: number;
  note: string | null;
  top1: number | null;
  map_box: number | null;
  map_mask: number | null;
}

/** Rows of a benchmark as printed, one a method. */
export const printedRows = (db: Database.Database, benchmark: string): PrintedRow[] =>
  db.prepare<[object], PrintedRow>(SQL_ROWS).all({ benchmark, paper: null });

/** Printed rows that cite a paper. */
export const printedRowsOf = (db: Database.Database, paper: string): PrintedRow[] =>
  db.prepare<[object], PrintedRow>(SQL_ROWS).all({ benchmark: null, paper });
