import type Database from "better-sqlite3";

export interface GapRow {
  id: string;
  title: string;
  text: string;
  source: string;
}
/** Research gaps of section 7, in printed order. */
export const gaps = (db: Database.Database): GapRow[] =>
  db.prepare<[], GapRow>("select id, title, text, source from gap order by position").all();

/** Contributions that a gap concerns. */
export const gapContributions = (db: Database.Database, gapId: string): { id: string; label: string }[] =>
  db
    .prepare<[string], { id: string; label: string }>(
      /* sql */ `select c.id, c.label from gap_contribution g join contribution c on c.id = g.contribution_id
        where g.gap_id = ? order by c.position`,
    )
    .all(gapId);

export interface FindingRow {
  id: string;
  statement: string;
  source: string;
}
/** Findings of section 6, in printed order. */
export const findings = (db: Database.Database): FindingRow[] =>
  db.prepare<[], FindingRow>("select id, statement, source from finding order by position").all();

export interface EvidenceRow {
  survey_table: number;
  survey_row: number;
  benchmark: string;
  method: string;
  backbone: string;
  /** The first value printed in the row. */
  value: number;
}
const SQL_EVIDENCE = /* sql */ `
  select e.survey_table, e.survey_row, r.benchmark, r.method, r.backbone, r.value
  from finding_evidence e join result r on r.survey_table = e.survey_table and r.survey_row = e.survey_row
  where e.finding_id = ? and r.metric in ('top1', 'map_box')
  order by e.survey_table, e.survey_row`;

/** Table rows that a finding rests on. */
export const evidenceOf = (db: Database.Database, findingId: string): EvidenceRow[] =>
  db.prepare<[string], EvidenceRow>(SQL_EVIDENCE).all(findingId);

export interface RelatedSurveyRow {
  paper_id: string;
  title: string;
  url: string | null;
  year: number;
  difference: string;
}
/** Other surveys of the field. */
export const relatedSurveys = (db: Database.Database): RelatedSurveyRow[] =>
  db
    .prepare<[], RelatedSurveyRow>(
      /* sql */ `select s.paper_id, p.title, p.year, coalesce(p.url, 'https://doi.org/' || p.doi) as url, s.difference
        from related_survey s join paper p on p.id = s.paper_id order by p.ref`,
    )
    .all();
