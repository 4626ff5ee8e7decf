import type Database from "better-sqlite3";

export interface FacetRow {
  kind: string;
  kind_label: string;
  value: string;
  label: string;
  note: string | null;
}
const SQL = /* sql */ `
  select f.kind, k.label as kind_label, f.value, v.label, v.note
  from facet f
  join facet_kind k on k.kind = f.kind
  join facet_value v on v.kind = f.kind and v.value = f.value
  where f.paper_id = ?
    and not exists (
      select 1 from facet_value child join facet g on g.kind = child.kind and g.value = child.value
      where child.kind = f.kind and child.parent = f.value and g.paper_id = f.paper_id)
  order by k.position, v.position`;

/** The most specific facets of a paper, in order of display. */
export const facetsOf = (db: Database.Database, paperId: string): FacetRow[] =>
  db.prepare<[string], FacetRow>(SQL).all(paperId);

export interface FacetValueRow {
  kind: string;
  kind_label: string;
  value: string;
  label: string;
  parent: string | null;
  note: string | null;
  papers: number;
}
const SQL_VALUES = /* sql */ `
  select k.kind, k.label as kind_label, v.value, v.label, v.parent, v.note, count(f.paper_id) as papers
  from facet_kind k
  join facet_value v on v.kind = k.kind
  left join facet f on f.kind = v.kind and f.value = v.value
  group by k.kind, v.value
  order by k.position, v.position`;

/** Every value of every vocabulary with the number of papers that carry it. */
export const facetValues = (db: Database.Database): FacetValueRow[] => db.prepare<[], FacetValueRow>(SQL_VALUES).all();

/** Facets of all papers at once, parents included: paper id to `kind:value`. */
export function facetsByPaper(db: Database.Database): Map<string, string[]> {
  const rows = db
    .prepare<[], { paper_id: string; facet: string }>(
      /* sql */ "select paper_id, kind || ':' || value as facet from facet order by paper_id, kind, value",
    )
    .all();
  const byPaper = Map.groupBy(rows, (row) => row.paper_id);
  return new Map([...byPaper].map(([id, list]) => [id, list.map((row) => row.facet)]));
}
