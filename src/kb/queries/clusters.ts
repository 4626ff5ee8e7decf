import type Database from "better-sqlite3";

export interface ClusterRow {
  id: number;
  label: string;
  size: number;
  height: number;
}

/** Flat clusters, in leaf order. */
export const clusters = (db: Database.Database): ClusterRow[] =>
  db.prepare<[], ClusterRow>(/* sql */ "select id, label, size, height from cluster order by id").all();

/** The cluster of a paper; none when it is not clustered. */
export const clusterOf = (db: Database.Database, paperId: string): ClusterRow | undefined =>
  db
    .prepare<[string], ClusterRow>(
      /* sql */ "select c.* from cluster c join cluster_paper cp on cp.cluster_id = c.id where cp.paper_id = ?",
    )
    .get(paperId);

export interface ClusterMember {
  id: string;
  title: string;
  year: number;
  venue: string;
  short_name: string | null;
  section: string;
  et_al: 0 | 1;
}

/** Papers of a cluster in leaf order. */
export const clusterMembers = (db: Database.Database, clusterId: number): ClusterMember[] =>
  db
    .prepare<[number], ClusterMember>(
      /* sql */ `select p.id, p.title, p.year, p.venue, p.short_name, p.section, p.et_al
        from cluster_paper cp join paper p on p.id = cp.paper_id join leaf l on l.paper_id = p.id
        where cp.cluster_id = ? order by l.position`,
    )
    .all(clusterId);

export interface NeighbourRow {
  id: string;
  title: string;
  year: number;
  venue: string;
  short_name: string | null;
  et_al: 0 | 1;
  distance: number;
}

/** The papers nearest to a paper, nearest first. */
export const neighboursOf = (db: Database.Database, paperId: string): NeighbourRow[] =>
  db
    .prepare<[string], NeighbourRow>(
      /* sql */ `select p.id, p.title, p.year, p.venue, p.short_name, p.et_al, n.distance
        from neighbour n join paper p on p.id = n.neighbour_id where n.paper_id = ? order by n.rank`,
    )
    .all(paperId);
