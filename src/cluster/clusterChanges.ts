/**
 * What changed from one clustering to another, of documents that have names:
 *
 *   1  a cluster lives on in the one with which it shares more than half of the documents that either has (Jaccard
 *      similarity above 1/2, over the documents of both runs): there can be only one such
 *   2  clusters without a successor have vanished, those without a predecessor appeared
 *   3  a document moved when its new cluster is not the successor of its old one
 */
import { adjustedMutualInformation } from "./adjustedMutualInformation.ts";
import { adjustedRandIndex } from "./adjustedRandIndex.ts";

export interface NamedCluster {
  readonly id: number;
  readonly label: string;
  /** Ids of its documents. */
  readonly documents: readonly string[];
}

export interface ClusterChanges {
  /** Documents of both runs, of the new one alone, of the old one alone. */
  readonly kept: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Agreement of the two runs over the documents of both. */
  readonly adjustedRandIndex: number;
  readonly adjustedMutualInformation: number;
  readonly same: readonly {
    readonly from: ClusterName;
    readonly to: ClusterName;
    /** Over the documents of both runs. */
    readonly jaccard: number;
    readonly joined: readonly string[];
    readonly left: readonly string[];
  }[];
  /** Old clusters, and the new ones that most of their documents went to, most first. */
  readonly vanished: readonly { readonly cluster: ClusterName; readonly went: readonly Share[] }[];
  /** New clusters, and the old ones that their documents came from, most first. */
  readonly appeared: readonly { readonly cluster: ClusterName; readonly came: readonly Share[] }[];
  readonly moved: readonly { readonly document: string; readonly from: ClusterName; readonly to: ClusterName }[];
}

export interface ClusterName {
  readonly id: number;
  readonly label: string;
  /** Documents of the cluster in its run. */
  readonly size: number;
}

interface Share {
  readonly cluster: ClusterName;
  readonly documents: number;
}

/** Compares an earlier clustering with a later one. */
export function clusterChanges(before: readonly NamedCluster[], after: readonly NamedCluster[]): ClusterChanges {
  const oldOf = clusterOf(before);
  const newOf = clusterOf(after);
  const kept = after.flatMap(({ documents }) => documents.filter((id) => oldOf.has(id)));
  const shared = new Map<NamedCluster, Map<NamedCluster, string[]>>(after.map((c) => [c, new Map()]));
  for (const id of kept) {
    const from = shared.get(newOf.get(id)!)!;
    const old = oldOf.get(id)!;
    const ids = from.get(old);
    if (ids) ids.push(id);
    else from.set(old, [id]);
  }
  const keptOf = ({ documents }: NamedCluster, other: ReadonlyMap<string, NamedCluster>): number =>
    documents.reduce((count, id) => count + (other.has(id) ? 1 : 0), 0);

  const successor = new Map<NamedCluster, NamedCluster>();
  const same = after.flatMap((to) =>
    [...shared.get(to)!].flatMap(([from, ids]) => {
      const jaccard = ids.length / (keptOf(from, newOf) + keptOf(to, oldOf) - ids.length);
      if (jaccard <= 0.5) return [];
      successor.set(from, to);
      const joined = to.documents.filter((id) => oldOf.has(id) && oldOf.get(id) !== from);
      const left = from.documents.filter((id) => newOf.has(id) && newOf.get(id) !== to);
      return [{ from: nameOf(from), to: nameOf(to), jaccard, joined, left }];
    }),
  );
  const successors = new Set(successor.values());
  const shares = (pairs: readonly (readonly [NamedCluster, number])[]): Share[] =>
    pairs
      .filter(([, documents]) => documents > 0)
      .map(([cluster, documents]) => ({ cluster: nameOf(cluster), documents }))
      .sort((a, b) => b.documents - a.documents || a.cluster.id - b.cluster.id);
  const labels = (of: ReadonlyMap<string, NamedCluster>) => kept.map((id) => of.get(id)!.id);
  return {
    kept: kept.length,
    added: [...newOf.keys()].filter((id) => !oldOf.has(id)).sort(),
    removed: [...oldOf.keys()].filter((id) => !newOf.has(id)).sort(),
    adjustedRandIndex: adjustedRandIndex(labels(oldOf), labels(newOf)),
    adjustedMutualInformation: adjustedMutualInformation(labels(oldOf), labels(newOf)),
    same,
    vanished: before
      .filter((cluster) => !successor.has(cluster))
      .map((cluster) => ({
        cluster: nameOf(cluster),
        went: shares(after.map((to) => [to, shared.get(to)!.get(cluster)?.length ?? 0])),
      })),
    appeared: after
      .filter((cluster) => !successors.has(cluster))
      .map((cluster) => ({
        cluster: nameOf(cluster),
        came: shares([...shared.get(cluster)!].map(([from, ids]) => [from, ids.length])),
      })),
    moved: kept
      .filter((id) => successor.get(oldOf.get(id)!) !== newOf.get(id))
      .sort()
      .map((document) => ({ document, from: nameOf(oldOf.get(document)!), to: nameOf(newOf.get(document)!) })),
  };
}

const clusterOf = (clusters: readonly NamedCluster[]): Map<string, NamedCluster> =>
  new Map(clusters.flatMap((cluster) => cluster.documents.map((id) => [id, cluster])));

const nameOf = ({ id, label, documents }: NamedCluster): ClusterName => ({ id, label, size: documents.length });
