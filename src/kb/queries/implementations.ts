import type Database from "better-sqlite3";

export type Level = "parity" | "mechanism" | "framework";
type Axis = "masking" | "target" | "objective" | "architecture";

export interface ImplementationRow {
  id: string;
  title: string;
  level: Level;
  module: string;
  method: string;
  source: string;
  proof: string;
  modality: string;
  steps: number;
  pictures: 0 | 1;
  tried: string | null;
}
export const implementations = (db: Database.Database): ImplementationRow[] =>
  db.prepare<[], ImplementationRow>("select * from implementation order by title collate nocase, id").all();

const OF_PAPER = /* sql */ `
  select i.* from implementation i join paper_implementation pi on pi.implementation_id = i.id
  where pi.paper_id = ? order by i.title collate nocase, i.id`;
/** Implementations of a paper. */
export const implementationsOf = (db: Database.Database, paperId: string): ImplementationRow[] =>
  db.prepare<[string], ImplementationRow>(OF_PAPER).all(paperId);

export interface ImplementedPaper {
  id: string;
  title: string;
  short_name: string | null;
  venue: string;
  year: number;
}
const PAPERS = /* sql */ `
  select p.id, p.title, p.short_name, p.venue, p.year from paper p join paper_implementation pi on pi.paper_id = p.id
  where pi.implementation_id = ? order by p.year, p.id`;
/** Papers that an implementation is of. */
export const papersOf = (db: Database.Database, id: string): ImplementedPaper[] =>
  db.prepare<[string], ImplementedPaper>(PAPERS).all(id);

export interface PartRow {
  axis: Axis;
  file: string;
  does: string;
}
const AXES = "case axis when 'masking' then 1 when 'target' then 2 when 'objective' then 3 else 4 end";
/** The recipe of an implementation, in the order of the survey's axes. */
export const partsOf = (db: Database.Database, id: string): PartRow[] =>
  db
    .prepare<[string], PartRow>(
      `select axis, file, does from implementation_part where implementation_id = ? order by ${AXES}`,
    )
    .all(id);

export interface PartUseRow {
  axis: Axis;
  file: string;
  implementation_id: string;
  title: string;
  does: string;
}
/** Every building block with the implementations whose recipe names it. */
export const partUses = (db: Database.Database): PartUseRow[] =>
  db
    .prepare<[], PartUseRow>(
      /* sql */ `select p.axis, p.file, p.implementation_id, i.title, p.does
        from implementation_part p join implementation i on i.id = p.implementation_id
        order by ${AXES}, p.file, i.title collate nocase, i.id`,
    )
    .all();

export interface ParameterRow {
  name: string;
  value: string;
  source: string;
}
export const parametersOf = (db: Database.Database, id: string): ParameterRow[] =>
  db
    .prepare<[string], ParameterRow>(
      "select name, value, source from implementation_parameter where implementation_id = ? order by position",
    )
    .all(id);

export interface RecordingRow {
  repository: string;
  revision: string;
  entry: string;
  checks: string;
}
/** The authors' code that an implementation was compared with. */
export const recordingOf = (db: Database.Database, id: string): RecordingRow | undefined =>
  db
    .prepare<[string], RecordingRow>(
      "select repository, revision, entry, checks from implementation_recording where implementation_id = ?",
    )
    .get(id);

export interface ToyRunRow {
  seed: number;
  steps: number;
  seconds: number;
  revision: string;
  probe: number | null;
  knn: number | null;
  untrained_probe: number | null;
  untrained_knn: number | null;
  supervised: number | null;
  raw_pixels: number | null;
}
export const toyRunsOf = (db: Database.Database, id: string): ToyRunRow[] =>
  db.prepare<[string], ToyRunRow>("select * from toy_run where implementation_id = ? order by seed").all(id);

export interface ToyGainRow {
  implementation_id: string;
  title: string;
  tried: string | null;
  runs: number;
  untrained: number;
  trained: number;
  supervised: number;
  raw_pixels: number | null;
  gain: number;
  /** Of the gain, over the seeds. */
  standard_error: number;
}
/** What training adds to the linear probe, mean over the seeds, the largest gain first. */
export const toyGains = (db: Database.Database): ToyGainRow[] =>
  db
    .prepare<[], ToyGainRow>(
      `with run as (select *, probe - untrained_probe as gain from toy_run where probe is not null)
       select implementation_id, title, tried, count(*) as runs, avg(untrained_probe) as untrained, avg(probe) as trained,
         avg(supervised) as supervised, avg(raw_pixels) as raw_pixels, avg(gain) as gain,
         sqrt(max(0, avg(gain * gain) - avg(gain) * avg(gain)) / (count(*) - 1)) as standard_error
       from run join implementation on id = implementation_id
       group by implementation_id having count(*) > 1 order by avg(gain) desc`,
    )
    .all();

export interface CoverageRow {
  number: string;
  title: string;
  papers: number;
  parity: number;
  mechanism: number;
  framework: number;
}
const COVERAGE = /* sql */ `
  with best as (
    select pi.paper_id, min(case i.level when 'parity' then 1 when 'mechanism' then 2 else 3 end) as rank
    from paper_implementation pi join implementation i on i.id = pi.implementation_id group by pi.paper_id)
  select s.number, s.title, count(*) as papers, count(*) filter (where b.rank = 1) as parity,
    count(*) filter (where b.rank = 2) as mechanism, count(*) filter (where b.rank = 3) as framework
  from section s join paper p on p.section = s.number left join best b on b.paper_id = p.id
  group by s.number order by s.position`;
/** For each section of the survey, how many of its papers are implemented, each by its best level. */
export const coverage = (db: Database.Database): CoverageRow[] => db.prepare<[], CoverageRow>(COVERAGE).all();

/** The best level of each implemented paper; the levels happen to rank by their alphabet. */
export const levelsByPaper = (db: Database.Database): Map<string, Level> =>
  new Map(
    db
      .prepare<[], [string, Level]>(
        /* sql */ `select pi.paper_id, max(i.level) from paper_implementation pi
          join implementation i on i.id = pi.implementation_id group by pi.paper_id order by pi.paper_id`,
      )
      .raw()
      .all(),
  );

export interface UncoveredRow {
  /** reconstruction, contrastive, hybrid or other. */
  pipeline: string;
  papers: number;
}
const UNCOVERED = /* sql */ `
  select f.value as pipeline, count(*) as papers
  from facet f
  where f.kind = 'pipeline' and f.paper_id not in (select paper_id from paper_implementation)
  group by f.value order by f.value`;
/** Papers without an implementation, by the generic algorithm that they follow. */
export const uncovered = (db: Database.Database): UncoveredRow[] => db.prepare<[], UncoveredRow>(UNCOVERED).all();
