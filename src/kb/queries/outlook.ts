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
  evidence: string | null;
}
/** Findings of section 6 with the table rows they rest on. */
export const findings = (db: Database.Database): FindingRow[] =>
  db
    .prepare<[], FindingRow>(
      /* sql */ `select f.id, f.statement, f.source,
        (select group_concat('Table ' || survey_table || ', row ' || survey_row, '; ')
         from (select * from finding_evidence where finding_id = f.id order by survey_table, survey_row)) as evidence
        from finding f order by f.position`,
    )
    .all();

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
