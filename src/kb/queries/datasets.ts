import type Database from "better-sqlite3";

export interface DatasetRow {
  id: string;
  name: string;
  modality: string;
  role: string;
  train_samples: number | null;
  test_samples: number | null;
  paper_id: string | null;
  survey_row: number;
  description: string | null;
  description_source: string | null;
  note: string | null;
  ref: number | null;
  url: string | null;
}
const SQL = /* sql */ `
  select d.*, p.ref, coalesce(p.url, 'https://doi.org/' || p.doi, 'https://arxiv.org/abs/' || p.arxiv) as url
  from dataset d left join paper p on p.id = d.paper_id order by d.survey_row`;

/** The survey's Table 1, in printed order. */
export const datasets = (db: Database.Database): DatasetRow[] => db.prepare<[], DatasetRow>(SQL).all();
