/** Reads the clusters of an earlier run: report.json of the papers, or clusters.json of a corpus. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { NamedCluster } from "../../src/cluster/clusterChanges.ts";
import { CorpusError } from "./corpusError.ts";

const Cluster = z.object({
  id: z.int(),
  label: z.string(),
  papers: z.array(z.string()).optional(),
  documents: z.array(z.string()).optional(),
});
const Clustering = z.union([z.array(Cluster), z.object({ clusters: z.array(Cluster) })]);

/**
 * @param place a file, or a folder that has one
 * @throws CorpusError
 */
export function readClustering(place: string): NamedCluster[] {
  const names = ["report.json", "clusters.json"];
  const folder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const file = folder ? names.map((name) => join(place, name)).find((path) => existsSync(path)) : place;
  if (file === undefined || !existsSync(file)) {
    throw new CorpusError(
      `${place}: expected report.json or clusters.json of an earlier run, found ${folder ? "neither" : "no such file or folder"}; check --compare`,
    );
  }
  const expected = (found: string) =>
    new CorpusError(`${file}: expected the clusters of an earlier run, found ${found}; check --compare`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw expected((error as Error).message);
  }
  const { success, data, error } = Clustering.safeParse(json);
  if (!success) throw expected(error.issues.length > 0 ? "another layout" : "nothing");
  return (Array.isArray(data) ? data : data.clusters).map(({ id, label, papers, documents }) => {
    const members = documents ?? papers;
    if (!members) throw expected(`cluster ${id} without documents`);
    return { id, label, documents: members };
  });
}
