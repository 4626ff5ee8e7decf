import type Database from "better-sqlite3";

export interface DiscrepancyRow {
  id: string;
  subject: string;
  survey_says: string;
  other_says: string;
  source: string;
  /** What the subject is, and how a reader knows it. */
  kind: "paper" | "dataset" | "place";
  name: string;
  /** 1 where the subject is a paper that the survey reviews. */
  reviewed: 0 | 1;
}
const SQL = /* sql */ `
  select d.*, coalesce(p.short_name, p.title, s.name, d.subject) as name, coalesce(p.surveyed, 0) as reviewed,
    case when p.id is not null then 'paper' when s.id is not null then 'dataset' else 'place' end as kind
  from discrepancy d left join paper p on p.id = d.subject left join dataset s on s.id = d.subject`;

/** Everything that contradicts the survey, by the name of what it is about. */
export const discrepancies = (db: Database.Database): DiscrepancyRow[] =>
  db.prepare<[], DiscrepancyRow>(`${SQL} order by kind, name collate nocase, d.id`).all();

/** Discrepancies about a paper or a data set. */
export const discrepanciesOf = (db: Database.Database, subject: string): DiscrepancyRow[] =>
  db.prepare<[string], DiscrepancyRow>(`${SQL} where d.subject = ? order by d.id`).all(subject);
