/** The clustering report: HTML for people, Markdown for a pull request, JSON for programs, SVG for print. */
import { markdownTable } from "markdown-table";
import { dendrogram } from "./dendrogram.ts";
import { escapeHtml } from "./escape.ts";
import type { Explained } from "./explained.ts";

const scoreNames: Record<string, string> = {
  copheneticCorrelation: "Cophenetic correlation",
  adjustedRandIndex: "Adjusted Rand index against the sections of the manual taxonomy",
  adjustedMutualInformation: "Adjusted mutual information against the sections of the manual taxonomy",
  homogeneity: "Homogeneity: share of a cluster's sections known from the cluster",
  completeness: "Completeness: share of a section's cluster known from the section",
  vMeasure: "V-measure, the harmonic mean of the two",
  bakersGamma: "Baker's gamma of the tree with the manual taxonomy",
  taxonomyCorrelation: "Cophenetic correlation of the tree with the manual taxonomy",
};
const style = `:root{color-scheme:light dark}body{font:16px/1.5 Georgia,serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:light-dark(#1d1f23,#ebe8e1);background:light-dark(#fcfbf8,#15171b)}
table,svg text{font-family:system-ui,sans-serif}table{border-collapse:collapse;font-size:.88rem}th,td{text-align:left;padding:.3em .8em .3em 0;border-bottom:1px solid light-dark(#dedad0,#32363d)}svg{width:100%;height:auto;font-size:11px}.axis text,.brackets text,.labels text{fill:currentColor;stroke:none}.band-0{stroke:light-dark(#0a5c6b,#74c5d1)}.band-1{stroke:light-dark(#a94a12,#efa277)}a{color:inherit}`;

/** Report files by name. */
export function clusterReport(run: Explained): Record<string, string> {
  const { papers: docs, merges, leaves, clusters } = run;
  const clusterOf = new Map(clusters.flatMap((c) => c.papers.map((paper) => [paper, c.id])));
  const titles = new Map(docs.map((d) => [d.id, d.title]));
  const rows = leaves.map((leaf) => ({
    leaf,
    label: docs[leaf]!.title.length > 52 ? `${docs[leaf]!.title.slice(0, 51)}…` : docs[leaf]!.title,
    cluster: clusterOf.get(docs[leaf]!.id)!,
  }));
  const brackets = clusters.map((c) => {
    const places = rows.flatMap((r, i) => (r.cluster === c.id ? [i] : []));
    return { first: places[0]!, last: places.at(-1)!, label: `${c.id}  ${c.words.slice(0, 3).join(", ")}` };
  });
  const svg = dendrogram(merges, rows, { brackets, title: `Dendrogram of ${docs.length} papers` });
  const tables: { title: string; head: string[]; rows: string[][] }[] = [
    {
      title: "Scores",
      head: ["Score", "Value"],
      rows: Object.entries(run.scores).map(([k, v]) => [scoreNames[k] ?? k, v.toFixed(4)]),
    },
    {
      title: "Clusters",
      head: ["Cluster", "Papers", "Height", "Terms"],
      rows: clusters.map((c) => [String(c.id), String(c.papers.length), c.height.toFixed(3), c.label]),
    },
    {
      title: "The survey's named clusters and the subtree that matches each best",
      head: ["Theme", "Members by rule", "Subtree", "Precision", "Recall", "F1"],
      rows: run.themes.map((t) => [
        t.label,
        String(t.members),
        String(t.size),
        t.precision.toFixed(2),
        t.recall.toFixed(2),
        t.f1.toFixed(2),
      ]),
    },
    {
      title: "Mean silhouette by number of clusters",
      head: ["Clusters", "Silhouette"],
      rows: run.cuts.map((s) => [String(s.clusters), s.silhouette.toFixed(4)]),
    },
    {
      title: "Parameters",
      head: ["Parameter", "Value"],
      rows: [
        ...Object.entries(run.parameters).map(([k, v]) => [k, String(v)]),
        ["cut", run.reason],
        ["without abstract (title and summary used)", run.fallback.join(", ") || "none"],
      ],
    },
    {
      title: "Papers",
      head: ["Cluster", "Paper", "Title"],
      rows: clusters.flatMap((c) => c.papers.map((paper) => [String(c.id), paper, titles.get(paper)!])),
    },
  ];
  const html = (t: (typeof tables)[number]) =>
    `<h2>${escapeHtml(t.title)}</h2><table><thead><tr>${t.head.map((h) => `<th>${escapeHtml(h)}</th>`).join("")}</tr></thead><tbody>${t.rows
      .map((r) => `<tr>${r.map((c) => `<td>${escapeHtml(c)}</td>`).join("")}</tr>`)
      .join("")}</tbody></table>`;
  const [scores, ...rest] = tables;
  return {
    "index.html": `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Clustering report</title><style>${style}</style><h1>Clustering report</h1>${html(scores!)}<h2>Dendrogram</h2>${svg}${rest.map(html).join("")}</html>\n`,
    "report.md": `# Clustering report\n\n${tables.map((t) => `## ${t.title}\n\n${markdownTable([t.head, ...t.rows])}\n`).join("\n")}`,
    "report.json": `${JSON.stringify(run, null, 2)}\n`,
    "dendrogram.svg": svg
      .replace(
        "<svg ",
        '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="11" color="#1d1f23" ',
      )
      .replace(/(<g class="(?:axis|brackets)")/g, '$1 stroke-width=".8"')
      .replace(/<text /g, '<text fill="currentColor" stroke="none" '),
  };
}
