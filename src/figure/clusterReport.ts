/** The clustering report: HTML for people, Markdown for a pull request, JSON for programs, SVG for print. */
import { type ClusterChanges, changeLead, changeTables } from "./changes.ts";
import { contributionMatrix } from "./contributionMatrix.ts";
import { cutCurves } from "./cutCurves.ts";
import { dendrogram, letter } from "./dendrogram.ts";
import type { Explained } from "./explained.ts";
import { paperMap } from "./paperMap.ts";
import { scrolling } from "./reportPage.ts";
import { type ReportPart, reportTexts } from "./reportTexts.ts";

/** Departures listed: at least so many standard deviations from independence. */
const STRONG = 2;
/** Papers listed as sitting among those of other sections. */
const DISAGREEMENTS = 20;

/** Report files by name; `changes` since another run, when it was asked for. */
export function clusterReport(run: Explained, changes?: ClusterChanges): Record<string, string> {
  const { papers, clusters } = run;
  const title = `${clusters.length} clusters of ${papers.length} papers`;
  const lead = `Papers grouped by the words of title and abstract alone: TF-IDF, Euclidean distance, Ward linkage. ${sentence(run.reason)}`;
  const svg = tree(run);
  const parts: ReportPart[] = [...(changes ? changeParts(changes) : []), ...figures(run, svg), ...tables(run)];
  return {
    ...reportTexts(title, lead, parts),
    "report.json": `${JSON.stringify(run, null, 2)}\n`,
    "dendrogram.svg": forPrint(svg),
    ...(changes && { "changes.json": `${JSON.stringify(changes, null, 2)}\n` }),
  };
}

const changeParts = (changes: ClusterChanges): ReportPart[] =>
  changeTables(changes, paperHref, clusterHref).map(({ id, title, table }, at) => ({
    id,
    title,
    note: at === 0 ? changeLead(changes) : "",
    table,
  }));

const paperHref = (id: string): string => `#paper-${id}`;
const clusterHref = (id: number): string => `#cluster-${id}`;
const sentence = (reason: string): string => `The cut: ${reason}.`;
const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const percent = (share: number): number => 100 * share;

function tree({ papers, merges, leaves, clusters, themes }: Explained): string {
  const rows = leaves.map((leaf) => ({
    leaf,
    label: clip(papers[leaf]!.title, 48),
    href: paperHref(papers[leaf]!.id),
    cluster: papers[leaf]!.cluster,
  }));
  let row = 0;
  const brackets = clusters.map(({ id, words, papers: own }) => {
    const first = row;
    row += own.length;
    return { first, last: row - 1, label: clip(`${id}  ${words.join(", ")}`, 44), href: clusterHref(id) };
  });
  const leafOf = new Map(papers.map(({ id }, leaf) => [id, leaf]));
  return dendrogram(merges, rows, {
    width: 400,
    labelWidth: 322,
    brackets,
    themes: themes.map((t) => ({
      label: t.label,
      node: t.node,
      members: new Set(t.papers.map((id) => leafOf.get(id)!)),
      note: `best subtree of ${t.size}, precision ${t.precision.toFixed(2)}, recall ${t.recall.toFixed(2)}, F1 ${t.f1.toFixed(2)}`,
    })),
    title: `Dendrogram of ${papers.length} papers`,
  });
}

function figures(run: Explained, svg: string): ReportPart[] {
  const { papers, clusters, contributions, cuts } = run;
  const topic = new Map(contributions.map(({ id }, at) => [id, at]));
  const map = paperMap(
    papers.map((paper) => ({
      ...paper,
      title: paper.title,
      href: paperHref(paper.id),
      contributions: paper.contributions.map((id) => topic.get(id)!),
    })),
    {
      clusters: clusters.map(({ id, label, papers: own }) => ({ label, size: own.length, href: clusterHref(id) })),
      contributions: contributions.map(({ label }) => label),
    },
  );
  const curve = (title: string, decimals: number, of: (cut: Explained["cuts"][number]) => number) => ({
    title,
    decimals,
    points: cuts.map((cut) => ({ clusters: cut.clusters, value: of(cut) })),
  });
  const supported = run.support
    ? ` A dot is a merge, a large one a merge with AU support of 95 % or more (${run.support.replicates.toLocaleString("en")} resamples of the terms at each of ten scales; AU and BP as in pvclust); point at it for its figures.`
    : "";
  return [
    {
      id: "map",
      title: "Map",
      note: `${run.map.method}. Near means alike, the axes mean nothing, and ${percent(run.map.kept).toFixed(0)} % of each paper's ${run.map.neighbours} nearest neighbours are still among its nearest here. Numbers are clusters; a point opens its paper.`,
      figure: map,
    },
    {
      id: "dendrogram",
      title: "Dendrogram",
      note: `Joins are at the height of Ward's criterion, neighbouring leaves as close as the tree lets them be.${supported} Each lettered column is a theme that the survey reads from its own dendrogram: dots are its members by rule, the shaded rows the subtree that fits them best, whose root bears the letter.`,
      figure: scrolling("Dendrogram", svg, 1280),
    },
    {
      id: "cuts",
      title: "How many clusters",
      note: `${sentence(run.reason)} A higher value speaks for a cut in each of the three.`,
      figure: cutCurves(
        [
          curve("Mean silhouette", 3, ({ silhouette }) => silhouette),
          curve("Calinski–Harabasz index", 2, ({ calinskiHarabasz }) => calinskiHarabasz),
          {
            title: "Gap statistic, with its standard error",
            decimals: 3,
            points: cuts.map(({ clusters, gap, gapError }) => ({ clusters, value: gap, error: gapError })),
          },
        ],
        clusters.length,
      ),
    },
    {
      id: "contributions",
      title: "Contributions against clusters",
      note: "Papers of each cluster with each contribution of the manual taxonomy. Blue-green: more than if the two had nothing to do with each other; brown: fewer; the deeper, the farther, up to four standard deviations.",
      figure: scrolling(
        "Contributions against clusters",
        contributionMatrix(
          run.matrix.map(({ cluster, contribution, papers: count, expected, residual }) => ({
            row: topic.get(contribution)!,
            column: cluster - 1,
            count,
            expected,
            residual,
          })),
          {
            rows: contributions.map(({ label }) => label),
            columns: clusters.map(({ id, words }) => ({
              name: `${id} ${words.slice(0, 2).join(", ")}`,
              href: clusterHref(id),
            })),
          },
        ),
        262 + 42 * clusters.length,
      ),
    },
  ];
}

function tables(run: Explained): ReportPart[] {
  const { papers, clusters, contributions, sections, merges, scores } = run;
  const byId = new Map(papers.map((paper) => [paper.id, paper]));
  const name = (id: string): string => byId.get(id)!.shortName ?? id;
  const paperLinks = (ids: readonly string[]) => ids.map((id) => ({ text: name(id), href: paperHref(id) }));
  const clusterLink = (id: number) => ({ text: `${id}. ${clusters[id - 1]!.label}`, href: clusterHref(id) });
  const contribution = new Map(contributions.map(({ id, label }) => [id, label]));
  const section = new Map(sections.map(({ number, title }) => [number, `${number} ${title}`]));
  const supportOf = (node: number) => (node < papers.length ? undefined : merges[node - papers.length]!.support);
  const out: ReportPart[] = [
    {
      id: "clusters",
      title: "Clusters",
      note: `Named by the words and phrases that set them apart. Typical: least mean distance to the cluster's other papers.${run.support ? " AU and BP: bootstrap support of exactly this set of papers; recovery: the mean Jaccard similarity with the most similar cluster of a resample, which tells more of clusters of many papers, as one that comes or goes is enough to miss the set." : ""}`,
      table: {
        columns: [
          { name: "No.", decimals: 0 },
          { name: "Name" },
          { name: "Papers", decimals: 0 },
          { name: "Height", decimals: 3 },
          { name: "Silhouette", decimals: 3 },
          ...(run.support
            ? [
                { name: "AU, %", decimals: 0 },
                { name: "BP, %", decimals: 0 },
                { name: "Recovery", decimals: 2 },
              ]
            : []),
          { name: "Most typical" },
        ],
        rows: clusters.map((c) => {
          const support = supportOf(c.node);
          const figures = support ? [percent(support.au), percent(support.bp), support.recovery] : [null, null, null];
          return {
            id: `cluster-${c.id}`,
            cells: [
              ...[c.id, c.label, c.papers.length, c.height, c.silhouette],
              ...(run.support ? figures : []),
              paperLinks(c.typical),
            ],
          };
        }),
      },
    },
    {
      id: "themes",
      title: "Themes of the survey's dendrogram",
      note: "Members follow from a rule on the papers' facets, written from the survey's words and not fitted to this tree. The subtree is the one of highest F1.",
      table: {
        columns: [
          { name: "Column" },
          { name: "Theme" },
          { name: "Members", decimals: 0 },
          { name: "Subtree", decimals: 0 },
          { name: "Precision", decimals: 2 },
          { name: "Recall", decimals: 2 },
          { name: "F1", decimals: 2 },
        ],
        rows: run.themes.map((t, at) => ({
          cells: [letter(at), t.label, t.members, t.size, t.precision, t.recall, t.f1],
        })),
      },
    },
  ];
  const strong = run.matrix
    .filter(({ residual }) => Math.abs(residual) >= STRONG)
    .toSorted((a, b) => Math.abs(b.residual) - Math.abs(a.residual));
  out.push({
    id: "departures",
    title: "Strongest departures from independence",
    note: `Contributions that are ${STRONG} or more standard deviations more, or less, common in a cluster than elsewhere (adjusted residuals), and the papers of the cluster that have them.`,
    table: {
      columns: [
        { name: "Cluster" },
        { name: "Contribution" },
        { name: "Papers", decimals: 0 },
        { name: "Expected", decimals: 1 },
        { name: "Deviations", decimals: 1 },
        { name: "Which" },
      ],
      rows: strong.map((cell) => ({
        cells: [
          clusterLink(cell.cluster),
          contribution.get(cell.contribution)!,
          cell.papers,
          cell.expected,
          cell.residual,
          paperLinks(
            clusters[cell.cluster - 1]!.papers.filter((id) => byId.get(id)!.contributions.includes(cell.contribution)),
          ),
        ],
      })),
    },
  });
  out.push({
    id: "agreement",
    title: "Against the manual taxonomy",
    note: "Words and sections sort the papers differently; how differently, by the measures of the field. 1: the same; 0: no more than chance, but for homogeneity, completeness and V-measure, which chance lifts above 0.",
    table: {
      columns: [{ name: "Measure" }, { name: "Value", decimals: 3 }],
      rows: Object.entries(scoreNames).map(([key, label]) => ({
        cells: [label, scores[key as keyof typeof scores]],
      })),
    },
  });
  const apart = papers
    .filter(({ sectionChance }) => sectionChance !== null && sectionChance < 0.5)
    .toSorted((a, b) => a.sectionChance! - b.sectionChance!)
    .slice(0, DISAGREEMENTS);
  out.push({
    id: "disagreements",
    title: "Papers far from their section",
    note: "Chance: that a paper of its own section, drawn at random, is nearer to it by its words than one of another section; 0.5 when the section says nothing. Worth a second look: either the section or the abstract sees something that the other does not.",
    table: {
      columns: [
        { name: "Paper" },
        { name: "Section" },
        { name: "Chance", decimals: 2 },
        { name: "Cluster" },
        { name: "Nearest papers, and their sections" },
      ],
      rows: apart.map((paper) => ({
        cells: [
          { text: paper.title, href: paperHref(paper.id) },
          section.get(paper.section) ?? paper.section,
          paper.sectionChance,
          clusterLink(paper.cluster),
          paper.near.slice(0, 4).map(({ id }) => ({
            text: `${name(id)} (${byId.get(id)!.section})`,
            href: paperHref(id),
          })),
        ],
      })),
    },
  });
  if (run.preprocessing.choices.length > 0) {
    out.push({
      id: "preprocessing",
      title: "Choices of preprocessing",
      note: run.preprocessing.reason,
      table: {
        columns: [
          { name: "Choice" },
          { name: "Status" },
          { name: "Terms", decimals: 0 },
          { name: "Reproducibility", decimals: 3 },
          { name: "± error", decimals: 3 },
          { name: "Silhouette", decimals: 3 },
          { name: "Cophenetic correlation", decimals: 3 },
          { name: "AMI with sections", decimals: 3 },
          { name: "Mean F1 of themes", decimals: 3 },
          { name: "As options" },
        ],
        rows: run.preprocessing.choices.map((choice) => ({
          cells: [
            choice.label,
            [choice.chosen ? "chosen" : "", choice.used ? "this run" : ""].filter(Boolean).join(", "),
            choice.terms,
            choice.reproducibility,
            choice.error,
            choice.silhouette,
            choice.copheneticCorrelation,
            choice.adjustedMutualInformation,
            choice.themeF1,
            choice.options,
          ],
        })),
      },
    });
  }
  out.push({
    id: "cut-table",
    title: "Cuts in figures",
    note: "",
    table: {
      columns: [
        { name: "Clusters", decimals: 0 },
        { name: "Smallest", decimals: 0 },
        { name: "Silhouette", decimals: 4 },
        { name: "Calinski–Harabasz", decimals: 3 },
        { name: "Gap", decimals: 4 },
        { name: "± error", decimals: 4 },
      ],
      rows: run.cuts.map((c) => ({
        cells: [c.clusters, c.smallest, c.silhouette, c.calinskiHarabasz, c.gap, c.gapError],
      })),
    },
  });
  out.push({
    id: "parameters",
    title: "Parameters",
    note: "",
    table: {
      columns: [{ name: "Parameter" }, { name: "Value" }],
      rows: [
        ...Object.entries(run.parameters).map(([key, value]) => ({ cells: [key, String(value)] })),
        { cells: ["without abstract: title and summary used", run.fallback.map(name).join(", ") || "none"] },
      ],
    },
  });
  out.push({
    id: "papers",
    title: "Papers",
    note: "As they stand in the dendrogram.",
    table: {
      columns: [
        { name: "Paper" },
        { name: "Year", decimals: 0 },
        { name: "Title" },
        { name: "Cluster" },
        { name: "Section" },
        { name: "Nearest" },
      ],
      rows: run.leaves.map((leaf) => {
        const paper = papers[leaf]!;
        return {
          id: `paper-${paper.id}`,
          cells: [
            paper.shortName ?? paper.id,
            paper.year,
            paper.title,
            clusterLink(paper.cluster),
            section.get(paper.section) ?? paper.section,
            paperLinks(paper.near.slice(0, 3).map(({ id }) => id)),
          ],
        };
      }),
    },
  });
  return out;
}

const scoreNames: Record<keyof Explained["scores"], string> = {
  adjustedRandIndex: "Adjusted Rand index of clusters and sections",
  adjustedMutualInformation: "Adjusted mutual information of clusters and sections",
  vMeasure: "V-measure of clusters and sections",
  homogeneity: "Homogeneity: how far a cluster tells the section",
  completeness: "Completeness: how far a section tells the cluster",
  bakersGamma: "Baker's gamma of the tree and the taxonomy",
  taxonomyCorrelation: "Cophenetic correlation of the tree and the taxonomy",
  copheneticCorrelation: "Cophenetic correlation of the tree and the distances",
};

/** The figure by itself: colours and letters that a page's style sheet gives otherwise. */
const forPrint = (svg: string): string =>
  svg
    .replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace(
      "</title>",
      `</title><style>svg{font:11px sans-serif;color:#1d1f23}text{fill:currentColor;stroke:none}.axis,.brackets{stroke-width:.8}.stem{stroke:#b9b4a7}.band-0{stroke:#0a5c6b}.band-1{stroke:#a94a12}.support{fill:#63676f}.span{fill:#f6e3a8}.themes line{stroke:#dedad0}.disc{fill:#f6e3a8;stroke:#1d1f23;stroke-width:.7}.mark text{font-size:9px}a{color:inherit}</style>`,
    )
    .replace(/<a href="[^"]*">|<\/a>/g, "");
