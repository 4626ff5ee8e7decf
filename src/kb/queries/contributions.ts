import type Database from "better-sqlite3";

export interface ContributionRow {
  id: string;
  label: string;
  description: string;
  source: string;
  papers: number;
}
const SQL = /* sql */ `
  select c.id, c.label, c.description, c.source, count(pc.paper_id) as papers
  from contribution c left join paper_contribution pc on pc.contribution_id = c.id
  group by c.id order by c.position`;

/** The six directions and how many papers contribute to each. */
export const contributions = (db: Database.Database): ContributionRow[] => db.prepare<[], ContributionRow>(SQL).all();

const SQL_OF = /* sql */ `
  select c.id, c.label from paper_contribution pc join contribution c on c.id = pc.contribution_id
  where pc.paper_id = ? order by c.position`;

/** Contributions of a paper, in the survey's order. */
export const contributionsOf = (db: Database.Database, paperId: string): { id: string; label: string }[] =>
  db.prepare<[string], { id: string; label: string }>(SQL_OF).all(paperId);

export interface SectionRow {
  number: string;
  title: string;
  note: string;
  papers: number;
  /** Contribution ids joined with a space, in the survey's order. */
  contributions: string;
}
const SQL_SECTIONS = /* sql */ `
  select s.number, s.title, s.note,
    (select count(*) from paper p where p.section = s.number) as papers,
    (select group_concat(c.id, ' ') from
      (select c.id from section_contribution sc join contribution c on c.id = sc.contribution_id
       where sc.section = s.number order by c.position) c) as contributions
  from section s order by s.position`;

/** The subsections of section 3 with their contribution sets. */
export const sections = (db: Database.Database): SectionRow[] => db.prepare<[], SectionRow>(SQL_SECTIONS).all();
