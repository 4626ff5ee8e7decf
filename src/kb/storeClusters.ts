import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { replaceFile } from "./build.ts";

interface Clustering {
  /** By leaf id. */
  readonly papers: readonly {
    readonly id: string;
    readonly x: number;
    readonly y: number;
    readonly sectionChance: number | null;
    readonly near: readonly { readonly id: string; readonly distance: number }[];
  }[];
  /** Leaf ids from left to right. */
  readonly leaves: readonly number[];
  /** SciPy's linkage matrix, with the support of each merge. */
  readonly merges: readonly {
    readonly left: number;
    readonly right: number;
    readonly height: number;
    readonly size: number;
    readonly support?: {
      readonly au: number;
      readonly auError: number;
      readonly bp: number;
      readonly bpError: number;
      readonly recovery: number;
    };
  }[];
  readonly clusters: readonly {
    readonly id: number;
    readonly label: string;
    readonly words: readonly string[];
    readonly height: number;
    readonly node: number;
    readonly silhouette: number;
    readonly papers: readonly string[];
    readonly typical: readonly string[];
  }[];
  readonly cuts: readonly {
    readonly clusters: number;
    readonly smallest: number;
    readonly silhouette: number;
    readonly calinskiHarabasz: number;
    readonly gap: number;
    readonly gapError: number;
  }[];
  readonly matrix: readonly {
    readonly cluster: number;
    readonly contribution: string;
    readonly papers: number;
    readonly expected: number;
    readonly residual: number;
  }[];
  readonly themes: readonly {
    readonly id: string;
    readonly members: number;
    readonly node: number;
    readonly size: number;
    readonly height: number;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
  }[];
  readonly preprocessing: {
    readonly choices: readonly {
      readonly label: string;
      readonly options: string;
      readonly used: boolean;
      readonly chosen: boolean;
      readonly terms: number;
      readonly reproducibility: number;
      readonly error: number;
      readonly silhouette: number;
      readonly copheneticCorrelation: number;
      readonly adjustedMutualInformation: number;
      readonly themeF1: number | null;
    }[];
  };
  /** Stored as JSON by key. */
  readonly run: Readonly<Record<string, unknown>>;
}

/** Writes a clustering into the knowledge base, in place of an earlier one; a kill leaves the file as it was. */
export function storeClusters(file: string, clustering: Clustering): void {
  replaceFile(file, (temporary) => {
    const db = new Database(readFileSync(file));
    try {
      db.pragma("foreign_keys = on");
      db.transaction(() => {
        for (const table of tables) db.exec(`delete from ${table}`);
        insert(db, clustering);
      })();
      // It counts rewrites, which would tell a second run from the first; SQLite lets it be set in unsafe mode alone.
      db.unsafeMode().pragma("schema_version = 1");
      db.unsafeMode(false);
      db.prepare("vacuum into ?").run(temporary);
    } finally {
      db.close();
    }
  });
}

/** Children before parents. */
const tables = [
  ...["cluster_term", "cluster_paper", "cluster_contribution", "cluster", "leaf", "merge", "cut", "neighbour"],
  ...["section_fit", "theme_subtree", "map_point", "preprocessing", "cluster_run"],
];

type Value = string | number | null;

function insert(db: Database.Database, clustering: Clustering): void {
  const { papers, leaves, merges, clusters, cuts, matrix, themes, preprocessing, run } = clustering;
  /** Inserts rows whose values stand in the order of the table's columns. */
  const fill = (table: string, rows: readonly (readonly Value[])[]): void => {
    if (rows.length === 0) return;
    const statement = db.prepare(`insert into ${table} values (${rows[0]!.map(() => "?").join(", ")})`);
    for (const row of rows) statement.run(...row);
  };
  fill(
    "leaf",
    leaves.map((leaf, position) => [leaf, position, papers[leaf]!.id]),
  );
  fill(
    "merge",
    merges.map(({ left, right, height, size, support: s }, step) => [
      ...[step, left, right, height, size],
      ...(s ? [s.au, s.auError, s.bp, s.bpError, s.recovery] : [null, null, null, null, null]),
    ]),
  );
  fill(
    "cluster",
    clusters.map((c) => [c.id, c.label, c.papers.length, c.height, c.node, c.silhouette]),
  );
  fill(
    "cluster_term",
    clusters.flatMap((c) => c.words.map((word, at) => [c.id, at + 1, word])),
  );
  fill(
    "cluster_paper",
    clusters.flatMap((c) => c.papers.map((paper) => [c.id, paper, c.typical.indexOf(paper) + 1 || null])),
  );
  fill(
    "cut",
    cuts.map((c) => [
      ...[c.clusters, c.smallest, c.silhouette, c.calinskiHarabasz, c.gap, c.gapError],
      Number(c.clusters === clusters.length),
    ]),
  );
  fill(
    "cluster_contribution",
    matrix.map((cell) => [cell.cluster, cell.contribution, cell.papers, cell.expected, cell.residual]),
  );
  fill(
    "section_fit",
    papers.flatMap(({ id, sectionChance }) => (sectionChance === null ? [] : [[id, sectionChance]])),
  );
  fill(
    "theme_subtree",
    themes.map((t) => [t.id, t.members, t.node, t.size, t.height, t.precision, t.recall, t.f1]),
  );
  fill(
    "map_point",
    papers.map(({ id, x, y }) => [id, x, y]),
  );
  fill(
    "preprocessing",
    preprocessing.choices.map((c, at) => [
      ...[at + 1, c.label, c.options, Number(c.used), Number(c.chosen), c.terms, c.reproducibility, c.error],
      ...[c.silhouette, c.copheneticCorrelation, c.adjustedMutualInformation, c.themeF1],
    ]),
  );
  fill(
    "neighbour",
    papers.flatMap(({ id, near }) => near.map((other, at) => [id, at + 1, other.id, other.distance])),
  );
  fill(
    "cluster_run",
    Object.entries(run).map(([key, value]) => [key, JSON.stringify(value)]),
  );
}
