/** What changed since another clustering, as tables. */
import type { ClusterChanges, ClusterName } from "../cluster/clusterChanges.ts";
import type { ReportTable } from "./reportTable.ts";

export type { ClusterChanges };

/** Documents listed in a table; changes.json has them all. */
const MOST = 200;

/** The changes in a sentence or three. */
export function changeLead(changes: ClusterChanges): string {
  const { kept, added, removed, same, vanished, appeared, moved } = changes;
  const count = (n: number, what: string) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  return `${count(kept, "document")} in both runs, ${added.length.toLocaleString("en")} added, ${removed.length.toLocaleString("en")} removed. Agreement over those in both: adjusted Rand index ${changes.adjustedRandIndex.toFixed(3)}, adjusted mutual information ${changes.adjustedMutualInformation.toFixed(3)} (1: the same clusters). ${count(same.length, "cluster")} lived on, which means more than half of the documents of either are in both; ${vanished.length} vanished, ${appeared.length} appeared; ${count(moved.length, "document")} moved to a cluster that is not the successor of their own.`;
}

/** Tables of the changes, empty ones left out; `documentHref` and `clusterHref` link to what stands in the new run. */
export function changeTables(
  changes: ClusterChanges,
  documentHref: ((id: string) => string) | undefined,
  clusterHref: (id: number) => string,
): { readonly id: string; readonly title: string; readonly table: ReportTable }[] {
  const name = ({ id, label, size }: ClusterName) => `${id}. ${label} (${size})`;
  const link = (cluster: ClusterName) => ({ text: name(cluster), href: clusterHref(cluster.id) });
  const document = (id: string) => (documentHref ? { text: id, href: documentHref(id) } : id);
  const documents = (ids: readonly string[]) =>
    documentHref ? ids.slice(0, MOST).map((id) => ({ text: id, href: documentHref(id) })) : ids.slice(0, 12).join("; ");
  const columns = (...names: string[]) => names.map((name) => ({ name }));
  const parts: { id: string; title: string; table: ReportTable }[] = [
    {
      id: "changes",
      title: "Changes since the earlier run",
      table: {
        columns: [{ name: "Before" }, { name: "Now" }, { name: "Jaccard", decimals: 2 }, ...columns("Joined", "Left")],
        rows: changes.same.map(({ from, to, jaccard, joined, left }) => ({
          cells: [name(from), link(to), jaccard, documents(joined), documents(left)],
        })),
      },
    },
    {
      id: "appeared",
      title: "Clusters that appeared",
      table: {
        columns: columns("Now", "Documents came from"),
        rows: changes.appeared.map(({ cluster, came }) => ({
          cells: [
            link(cluster),
            came.map(({ cluster, documents }) => `${documents} of ${name(cluster)}`).join("; ") || "no earlier cluster",
          ],
        })),
      },
    },
    {
      id: "vanished",
      title: "Clusters that vanished",
      table: {
        columns: columns("Before", "Documents went to"),
        rows: changes.vanished.map(({ cluster, went }) => ({
          cells: [
            name(cluster),
            went.map(({ cluster, documents }) => `${documents} to ${name(cluster)}`).join("; ") || "no cluster of now",
          ],
        })),
      },
    },
    {
      id: "moved",
      title: "Documents that moved",
      table: {
        columns: columns("Document", "Before", "Now"),
        rows: changes.moved
          .slice(0, MOST)
          .map(({ document: id, from, to }) => ({ cells: [document(id), name(from), link(to)] })),
      },
    },
    {
      id: "added",
      title: "Documents added",
      table: {
        columns: columns("Document"),
        rows: changes.added.slice(0, MOST).map((id) => ({ cells: [document(id)] })),
      },
    },
    {
      id: "removed",
      title: "Documents removed",
      table: { columns: columns("Document"), rows: changes.removed.slice(0, MOST).map((id) => ({ cells: [id] })) },
    },
  ];
  return parts.filter(({ id, table }) => id === "changes" || table.rows.length > 0);
}
