/** The report on a corpus of any size: HTML for people, Markdown for a pull request. */
import { type ClusterChanges, changeLead, changeTables } from "./changes.ts";
import { cutCurves } from "./cutCurves.ts";
import { type DendrogramMerge, dendrogram } from "./dendrogram.ts";
import { paperMap } from "./paperMap.ts";
import { scrolling } from "./reportPage.ts";
import { type ReportPart, reportTexts } from "./reportTexts.ts";

export interface CorpusReportInput {
  readonly source: string;
  /** [nDocs] */
  readonly titles: readonly string[];
  readonly merges: readonly DendrogramMerge[];
  /** Leaf ids from left to right. */
  readonly leaves: ArrayLike<number>;
  /** [nDocs] cluster of each document, from 1 in leaf order. */
  readonly labels: ArrayLike<number>;
  readonly clusters: readonly {
    readonly label: string;
    readonly size: number;
    readonly height: number;
    /** Leaves nearest to the centroid, nearest first. */
    readonly typical: readonly number[];
  }[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly criterion: string;
  readonly silhouettes: readonly { readonly clusters: number; readonly silhouette: number }[];
  /** [nDocs] places in the unit square and what they are, when a map was made. */
  readonly map: {
    readonly places: readonly { readonly x: number; readonly y: number }[];
    readonly method: string;
  } | null;
  readonly changes: ClusterChanges | undefined;
}

/** Most documents that are drawn one by one; of more, the tree above the clusters is drawn. */
export const DRAWN_MOST = 500;

/** Report files by name. */
export function corpusReport(input: CorpusReportInput): Record<string, string> {
  const { titles, clusters, changes, map } = input;
  const n = titles.length;
  const title = `${clusters.length} cluster${clusters.length === 1 ? "" : "s"} of ${n.toLocaleString("en")} document${n === 1 ? "" : "s"}`;
  const lead = `${input.source}, grouped by its words: TF-IDF, Euclidean distance, Ward linkage. Cut: ${input.criterion}.`;
  const drawn = n <= DRAWN_MOST;
  const documentHref = (leaf: number) => (drawn ? `#document-${leaf}` : "#clusters");
  const parts: ReportPart[] = [];
  if (changes) {
    changeTables(changes, undefined, clusterHref).forEach(({ id, title, table }, at) => {
      parts.push({ id, title, note: at === 0 ? changeLead(changes) : "", table });
    });
  }
  if (map) {
    parts.push({
      id: "map",
      title: "Map",
      note: `${map.method}. Near means alike, the axes mean nothing. Numbers are clusters.`,
      figure: paperMap(
        map.places.map((place, leaf) => ({
          ...place,
          title: titles[leaf]!,
          href: documentHref(leaf),
          cluster: input.labels[leaf]!,
        })),
        { clusters: clusters.map((c, i) => ({ ...c, href: clusterHref(i + 1) })), contributions: [] },
      ),
    });
  }
  if (n > 1) {
    const wide = drawn ? 1070 : 820;
    parts.push({
      id: "dendrogram",
      title: "Dendrogram",
      note: drawn
        ? "Joins are at the height of Ward's criterion."
        : "The tree above the clusters; joins are at the height of Ward's criterion.",
      figure: scrolling("Dendrogram", drawn ? wholeTree(input) : clusterTree(input), wide),
    });
  }
  if (input.silhouettes.length > 1) {
    const points = input.silhouettes.map(({ clusters, silhouette }) => ({ clusters, value: silhouette }));
    parts.push({
      id: "cuts",
      title: "How many clusters",
      note: `Cut: ${input.criterion}.`,
      figure: cutCurves([{ title: "Mean silhouette", decimals: 4, points }], clusters.length),
    });
  }
  parts.push({
    id: "clusters",
    title: "Clusters",
    note: "Named by the words that set them apart. Typical: nearest to the cluster's centroid.",
    table: {
      columns: [
        { name: "No.", decimals: 0 },
        { name: "Name" },
        { name: "Documents", decimals: 0 },
        { name: "Height", decimals: 3 },
        { name: "Most typical" },
      ],
      rows: clusters.map((c, i) => ({
        id: `cluster-${i + 1}`,
        cells: [
          ...[i + 1, c.label, c.size, c.height],
          drawn
            ? c.typical.map((leaf) => ({ text: short(titles[leaf]!, 70), href: documentHref(leaf) }))
            : c.typical.map((leaf) => short(titles[leaf]!, 70)).join("; "),
        ],
      })),
    },
  });
  parts.push({
    id: "parameters",
    title: "Parameters",
    note: "",
    table: {
      columns: [{ name: "Parameter" }, { name: "Value" }],
      rows: Object.entries(input.parameters).map(([key, value]) => ({ cells: [key, String(value)] })),
    },
  });
  if (drawn) {
    parts.push({
      id: "documents",
      title: "Documents",
      note: "As they stand in the dendrogram.",
      table: {
        columns: [{ name: "Document" }, { name: "Cluster" }],
        rows: Array.from(input.leaves, (leaf) => {
          const cluster = input.labels[leaf]!;
          return {
            id: `document-${leaf}`,
            cells: [titles[leaf]!, { text: `${cluster}. ${clusters[cluster - 1]!.label}`, href: clusterHref(cluster) }],
          };
        }),
      },
    });
  }
  return reportTexts(title, lead, parts);
}

const clusterHref = (id: number): string => `#cluster-${id}`;
const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function wholeTree({ titles, merges, leaves, labels, clusters }: CorpusReportInput): string {
  const rows = Array.from(leaves, (leaf) => ({
    leaf,
    label: short(titles[leaf]!, 48),
    href: `#document-${leaf}`,
    cluster: labels[leaf]!,
  }));
  let row = 0;
  const brackets = clusters.map(({ label, size }, i) => {
    const first = row;
    row += size;
    return { first, last: row - 1, label: short(`${i + 1}  ${label}`, 44), href: clusterHref(i + 1) };
  });
  return dendrogram(merges, rows, {
    brackets,
    labelWidth: labelWidth(rows),
    title: `Dendrogram of ${titles.length} documents`,
  });
}

/** Room for the longest label, in px. */
const labelWidth = (rows: readonly { readonly label: string }[]): number =>
  20 + Math.ceil(6.6 * Math.max(...rows.map(({ label }) => label.length)));

/** The tree with a row a cluster: the merges that join different clusters. */
function clusterTree({ titles, merges, labels, clusters }: CorpusReportInput): string {
  const n = titles.length;
  const k = clusters.length;
  const node = Int32Array.from({ length: n + merges.length }, (_, id) => (id < n ? labels[id]! - 1 : -1));
  const above: DendrogramMerge[] = [];
  merges.forEach((merge, s) => {
    const [a, b] = [node[merge.left]!, node[merge.right]!];
    if (a === b) node[n + s] = a;
    else {
      node[n + s] = k + above.length;
      above.push({ ...merge, left: a, right: b });
    }
  });
  const rows = clusters.map(({ label, size }, i) => ({
    leaf: i,
    label: `${i + 1}  ${short(label, 44)} (${size.toLocaleString("en")})`,
    href: clusterHref(i + 1),
    cluster: i + 1,
  }));
  return dendrogram(above, rows, { title: `Dendrogram of ${k} clusters`, rowHeight: 20, labelWidth: labelWidth(rows) });
}
