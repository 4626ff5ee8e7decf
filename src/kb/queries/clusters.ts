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

export interface MapPointRow {
  paper_id: string;
  title: string;
  year: number;
  cluster_id: number;
  x: number;
  y: number;
}

/** Papers on the map, by cluster. */
export const mapPoints = (db: Database.Database): MapPointRow[] =>
  db
    .prepare<[], MapPointRow>(
      /* sql */ `select m.paper_id, p.title, p.year, cp.cluster_id, m.x, m.y
        from map_point m join paper p on p.id = m.paper_id join cluster_paper cp on cp.paper_id = m.paper_id
        order by cp.cluster_id, m.paper_id`,
    )
    .all();

export interface ClusterContributionRow {
  cluster_id: number;
  contribution_id: string;
  papers: number;
  expected: number;
  residual: number;
}

/** How many papers of each cluster contribute to each direction, beside what independence would give. */
export const clusterContributions = (db: Database.Database): ClusterContributionRow[] =>
  db
    .prepare<[], ClusterContributionRow>(
      /* sql */ `select cc.* from cluster_contribution cc join contribution c on c.id = cc.contribution_id
        order by c.position, cc.cluster_id`,
    )
    .all();

export interface DisagreementRow {
  paper_id: string;
  title: string;
  section: string;
  cluster_id: number;
  chance: number;
  nearest_id: string;
  nearest_title: string;
  nearest_section: string;
}

/** Papers whose words lie farthest from the rest of their section, each with the paper nearest to it. */
export const disagreements = (db: Database.Database, most: number): DisagreementRow[] =>
  db
    .prepare<[number], DisagreementRow>(
      /* sql */ `select f.paper_id, p.title, p.section, cp.cluster_id, f.chance,
          n.neighbour_id as nearest_id, q.title as nearest_title, q.section as nearest_section
        from section_fit f join paper p on p.id = f.paper_id join cluster_paper cp on cp.paper_id = f.paper_id
        join neighbour n on n.paper_id = f.paper_id and n.rank = 1 join paper q on q.id = n.neighbour_id
        order by f.chance, f.paper_id limit ?`,
    )
    .all(most);
