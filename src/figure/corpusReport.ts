/** The report on a corpus of any size: HTML for people, Markdown for a pull request. */
import { markdownTable } from "markdown-table";
import { type DendrogramMerge, dendrogram } from "./dendrogram.ts";
import { escapeHtml } from "./escape.ts";

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
    readonly words: readonly string[];
    readonly size: number;
    readonly height: number;
    /** Leaves nearest to the centroid, nearest first. */
    readonly typical: readonly number[];
  }[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly criterion: string;
  readonly silhouettes: readonly { readonly clusters: number; readonly silhouette: number }[];
}

/** Most documents that are drawn one by one; of more, the tree above the clusters is drawn. */
const DRAWN_MOST = 500;
const style = `:root{color-scheme:light dark}body{font:16px/1.5 Georgia,serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:light-dark(#1d1f23,#ebe8e1);background:light-dark(#fcfbf8,#15171b)}
table,svg text{font-family:system-ui,sans-serif}table{border-collapse:collapse;font-size:.88rem}th,td{text-align:left;vertical-align:top;padding:.3em .8em .3em 0;border-bottom:1px solid light-dark(#dedad0,#32363d)}svg{width:100%;height:auto;font-size:11px}.axis text,.brackets text,.labels text{fill:currentColor;stroke:none}.band-0{stroke:light-dark(#0a5c6b,#74c5d1)}.band-1{stroke:light-dark(#a94a12,#efa277)}`;

/** Report files by name. */
export function corpusReport(input: CorpusReportInput): Record<string, string> {
  const { titles, clusters } = input;
  const n = titles.length;
  const heading = `Clusters of ${n.toLocaleString("en")} document${n === 1 ? "" : "s"}`;
  const tables: { title: string; head: string[]; rows: string[][] }[] = [
    {
      title: "Clusters",
      head: ["Cluster", "Documents", "Height", "Words", "Most typical"],
      rows: clusters.map((c, i) => [
        String(i + 1),
        String(c.size),
        c.height.toFixed(3),
        c.words.join(", "),
        c.typical.map((leaf) => short(titles[leaf]!, 60)).join("; "),
      ]),
    },
    {
      title: "Mean silhouette by number of clusters",
      head: ["Clusters", "Silhouette"],
      rows: input.silhouettes.map((s) => [String(s.clusters), s.silhouette.toFixed(4)]),
    },
    {
      title: "Parameters",
      head: ["Parameter", "Value"],
      rows: [...Object.entries(input.parameters).map(([k, v]) => [k, String(v)]), ["cut", input.criterion]],
    },
  ];
  if (n <= DRAWN_MOST) {
    tables.push({
      title: "Documents",
      head: ["Cluster", "Document"],
      rows: Array.from(input.leaves, (leaf) => [String(input.labels[leaf]), titles[leaf]!]),
    });
  }
  const html = (t: (typeof tables)[number]) =>
    `<h2>${escapeHtml(t.title)}</h2><table><thead><tr>${t.head.map((h) => `<th>${escapeHtml(h)}</th>`).join("")}</tr></thead><tbody>${t.rows
      .map((r) => `<tr>${r.map((c) => `<td>${escapeHtml(c)}</td>`).join("")}</tr>`)
      .join("")}</tbody></table>`;
  const svg = n > 1 ? (n <= DRAWN_MOST ? wholeTree(input) : clusterTree(input)) : "";
  const [first, ...rest] = tables;
  return {
    "index.html": `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(heading)}</title><style>${style}</style><h1>${escapeHtml(heading)}</h1><p>${escapeHtml(input.source)}</p>${html(first!)}${svg && `<h2>Dendrogram</h2>${svg}`}${rest.map(html).join("")}</html>\n`,
    "report.md": `# ${heading}\n\n${input.source}\n\n${tables.map((t) => `## ${t.title}\n\n${markdownTable([t.head, ...t.rows])}\n`).join("\n")}`,
  };
}

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function wholeTree({ titles, merges, leaves, labels, clusters }: CorpusReportInput): string {
  const rows = Array.from(leaves, (leaf) => ({ leaf, label: short(titles[leaf]!, 52), cluster: labels[leaf]! }));
  const brackets = clusters.map((c, i) => {
    const first = rows.findIndex((row) => row.cluster === i + 1);
    return { first, last: first + c.size - 1, label: `${i + 1}  ${c.words.slice(0, 3).join(", ")}` };
  });
  return dendrogram(merges, rows, { brackets, title: `Dendrogram of ${titles.length} documents` });
}

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
  const rows = clusters.map((c, i) => ({
    leaf: i,
    label: `${i + 1}  ${short(c.words.join(", "), 44)} (${c.size})`,
    cluster: i + 1,
  }));
  return dendrogram(above, rows, { title: `Dendrogram of ${k} clusters`, rowHeight: 20 });
}
