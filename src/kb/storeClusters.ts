import { copyFileSync } from "node:fs";
import Database from "better-sqlite3";
import { replaceFile } from "./build.ts";

export interface Clustering {
  /** Papers in leaf numbering: leaf i is ids[i]. */
  ids: readonly string[];
  /** Leaf ids from left to right. */
  leaves: Iterable<number>;
  /** SciPy's linkage matrix. */
  merges: readonly { left: number; right: number; height: number; size: number }[];
  clusters: readonly { id: number; label: string; height: number; papers: readonly string[] }[];
  neighbours: readonly { paper: string; near: readonly { id: string; distance: number }[] }[];
  /** Parameters and scores, stored as JSON. */
  run: Readonly<Record<string, unknown>>;
}

/** Writes a clustering into the knowledge base, in place of an earlier one; a kill leaves the file as it was. */
export function storeClusters(file: string, clustering: Clustering): void {
  replaceFile(file, (temporary) => {
    copyFileSync(file, temporary);
    const db = new Database(temporary);
    try {
      db.pragma("journal_mode = delete");
      db.pragma("foreign_keys = on");
      db.transaction(() => insert(db, clustering))();
      db.exec("vacuum");
    } finally {
      db.close();
    }
  });
}

function insert(db: Database.Database, { ids, leaves, merges, clusters, neighbours, run }: Clustering): void {
  for (const table of ["cluster_paper", "cluster", "leaf", "merge", "neighbour", "cluster_run"])
    db.exec(`delete from ${table}`);
  const leaf = db.prepare("insert into leaf (leaf_id, position, paper_id) values (?, ?, ?)");
  [...leaves].forEach((id, position) => leaf.run(id, position, ids[id]));
  const merge = db.prepare("insert into merge (step, left, right, height, size) values (?, ?, ?, ?, ?)");
  merges.forEach((m, step) => merge.run(step, m.left, m.right, m.height, m.size));
  const cluster = db.prepare("insert into cluster (id, label, size, height) values (?, ?, ?, ?)");
  const member = db.prepare("insert into cluster_paper (cluster_id, paper_id) values (?, ?)");
  for (const c of clusters) {
    cluster.run(c.id, c.label, c.papers.length, c.height);
    for (const paper of c.papers) member.run(c.id, paper);
  }
  const neighbour = db.prepare("insert into neighbour (paper_id, rank, neighbour_id, distance) values (?, ?, ?, ?)");
  for (const { paper, near } of neighbours) near.forEach((n, i) => neighbour.run(paper, i + 1, n.id, n.distance));
  const entry = db.prepare("insert into cluster_run (key, value) values (?, ?)");
  for (const [key, value] of Object.entries(run)) entry.run(key, JSON.stringify(value));
}
