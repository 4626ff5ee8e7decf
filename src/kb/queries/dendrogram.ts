import type Database from "better-sqlite3";

export interface LeafRow {
  leaf_id: number;
  paper_id: string;
  title: string;
  short_name: string | null;
  year: number;
  cluster_id: number;
}

/** Leaves of the dendrogram from left to right. */
export const leaves = (db: Database.Database): LeafRow[] =>
  db
    .prepare<[], LeafRow>(
      /* sql */ `select l.leaf_id, l.paper_id, p.title, p.short_name, p.year, cp.cluster_id
        from leaf l join paper p on p.id = l.paper_id join cluster_paper cp on cp.paper_id = l.paper_id order by l.position`,
    )
    .all();

export interface MergeRow {
  left: number;
  right: number;
  height: number;
  size: number;
  support?: { au: number; bp: number };
}

/** The linkage matrix, step by step, with the support of each merge where some was computed. */
export const merges = (db: Database.Database): MergeRow[] =>
  db
    .prepare<[], Omit<MergeRow, "support"> & { au: number | null; bp: number | null }>(
      /* sql */ "select left, right, height, size, au, bp from merge order by step",
    )
    .all()
    .map(({ au, bp, ...merge }) => (au === null || bp === null ? merge : { ...merge, support: { au, bp } }));

export interface ClusterRun {
  parameters: Record<string, string | number | boolean>;
  reason: string;
  fallback: string[];
  scores: Record<
    | "copheneticCorrelation"
    | "adjustedRandIndex"
    | "adjustedMutualInformation"
    | "homogeneity"
    | "completeness"
    | "vMeasure"
    | "bakersGamma"
    | "taxonomyCorrelation",
    number
  >;
  support: { replicates: number; scales: number[]; seed: number } | null;
  map: { method: string; neighbours: number; kept: number };
  preprocessing: string;
}

/** What is known of the clustering beside its tables. */
export function clusterRun(db: Database.Database): ClusterRun {
  const rows = db.prepare<[], { key: string; value: string }>("select key, value from cluster_run order by key").all();
  return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value)])) as unknown as ClusterRun;
}
