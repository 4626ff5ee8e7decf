/**
 * Clusters the reviewed papers and explains the result:
 *
 *   clusters  words, vectors, tree, leaf order, cut, names                 (clusterDocuments.ts)
 *   support   bootstrap of the tree, and choices of preprocessing          in threads
 *   explain   taxonomy, themes, map
 *   write     knowledge base and report, each as a whole
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bestSubtree } from "../../src/cluster/bestSubtree.ts";
import { clusterChanges, type NamedCluster } from "../../src/cluster/clusterChanges.ts";
import { clusterDocuments, type DocumentClusters, nearest } from "../../src/cluster/clusterDocuments.ts";
import { clusterNodes } from "../../src/cluster/clusterNodes.ts";
import { departures } from "../../src/cluster/departures.ts";
import { keptNeighbours } from "../../src/cluster/keptNeighbours.ts";
import { multiscaleFit } from "../../src/cluster/multiscaleFit.ts";
import { ownGroupChance } from "../../src/cluster/ownGroupChance.ts";
import { choosePreprocessing, type PreprocessingScores } from "../../src/cluster/preprocessingChoice.ts";
import { random } from "../../src/cluster/random.ts";
import { silhouetteOfClusters } from "../../src/cluster/silhouette.ts";
import { taxonomyAgreement } from "../../src/cluster/taxonomyAgreement.ts";
import { umapLayout } from "../../src/cluster/umapLayout.ts";
import { clusterReport } from "../../src/figure/clusterReport.ts";
import type { Explained } from "../../src/figure/explained.ts";
import { storeClusters } from "../../src/kb/storeClusters.ts";
import { replaceOutput } from "../corpus/replaceOutput.ts";
import type { Stages } from "../corpus/stages.ts";
import { type AtlasCorpus, clusteredDoc, describedDoc } from "./atlasDocuments.ts";
import { choiceOptions, choices, type Preprocessing } from "./choices.ts";
import { inWorkers } from "./inWorkers.ts";
import type { Task, TaskResult } from "./task.ts";

export interface AtlasOptions {
  readonly db: string;
  readonly out: string;
  /** Number of clusters; default: chosen. */
  readonly clusters: number | undefined;
  readonly labelTerms: number;
  readonly preprocessing: Preprocessing;
  /** Resamples at each scale; 0: no support. */
  readonly replicates: number;
  /** Random halvings of the terms for each choice of preprocessing. */
  readonly splits: number;
  readonly seed: number;
  /** Clusters of an earlier run to compare with. */
  readonly compare: readonly NamedCluster[] | undefined;
}

/** Terms drawn at each scale over the number of terms: pvclust's. */
const SCALES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4];
/** Resamples of a task. */
const PIECE = 10;
const GAP_REFERENCES = 20;
/** Clusters at which choices of preprocessing are compared. */
const COMPARED_AT = 20;
const MAP_NEIGHBOURS = 10;
const MAP_DISTANCE = 0.3;
/** Neighbours stored of each paper. */
const NEAR = 6;

/** Streams of random numbers apart from each other. */
const stream = { cut: 1, support: 2, choice: 3, map: 4 };

export async function clusterAtlas(corpus: AtlasCorpus, options: AtlasOptions, stages: Stages): Promise<Explained> {
  const { docs } = corpus;
  const { preprocessing, seed } = options;
  stages.begin("clusters");
  const clustered = docs.map((doc) => clusteredDoc(doc, preprocessing.titleWeight));
  const result = clusterDocuments(
    clustered,
    {
      ...preprocessing,
      clusters: options.clusters ?? { fewest: 8, most: 30, smallest: 3 },
      labelTerms: options.labelTerms,
      references: GAP_REFERENCES,
      seed: derived(seed, stream.cut),
    },
    docs.map(describedDoc),
  );

  stages.begin("support");
  const compared = options.splits > 1 ? comparedChoices(preprocessing) : [];
  const tasks: Task[] = compared.map((_, choice) => ({ kind: "choice", choice }));
  for (let from = 0; from < options.replicates; from += PIECE) {
    tasks.push({ kind: "support", from, to: Math.min(options.replicates, from + PIECE) });
  }
  const results = await inWorkers(
    {
      X: result.X,
      Z: result.Z,
      bootstrap: { scales: SCALES, seed: derived(seed, stream.support), unitRows: true },
      choices: compared.map((choice) => ({
        docs: docs.map((doc) => clusteredDoc(doc, choice.titleWeight)),
        context: {
          options: choice,
          clusters: Math.min(COMPARED_AT, docs.length - 1),
          splits: options.splits,
          seed: derived(seed, stream.choice),
          sections: docs.map(({ section }) => section),
          themes: corpus.themes.map(({ members }) => members),
        },
      })),
    },
    tasks,
    (done) => stages.progress(done / tasks.length),
  );
  const scores = results.slice(0, compared.length) as TaskResult["choice"][];
  const counts = results.slice(compared.length) as TaskResult["support"][];

  stages.begin("explain");
  const explained = explain(corpus, options, result, {
    support: supportOf(counts, result.Z.length, options.replicates),
    preprocessing: explainChoices(compared, scores, options.preprocessing),
  });
  stages.begin("write");
  write(explained, options);
  stages.end();
  return explained;
}

/** Whether titles and abstracts are clustered by stems, which is how the dendrogram is defined; other choices are shown beside. */
const keepsThePipeline = ({ stem, titleWeight }: Preprocessing): boolean => stem && titleWeight > 0;

/** The choices compared, with that of the run among them. */
function comparedChoices(used: Preprocessing): readonly (Preprocessing & { readonly label: string })[] {
  const known = choices.some((choice) => choiceOptions(choice) === choiceOptions(used)) && !used.stopWords;
  return known ? choices : [...choices, { ...used, label: "as this run" }];
}

function explainChoices(
  compared: readonly (Preprocessing & { readonly label: string })[],
  scores: readonly PreprocessingScores[],
  used: Preprocessing,
): Explained["preprocessing"] {
  if (scores.length === 0) return { reason: "not compared", choices: [] };
  const open = [...compared.keys()].filter((at) => keepsThePipeline(compared[at]!));
  const chosen = open[choosePreprocessing(open.map((at) => scores[at]!))]!;
  const ownRow = compared.findLastIndex(
    (choice) => choiceOptions(choice) === choiceOptions(used) && choice.stopWords === used.stopWords,
  );
  const figure = ({ reproducibility, error }: PreprocessingScores) =>
    `${reproducibility.toFixed(3)} ± ${error.toFixed(3)}`;
  const bestOf = (list: readonly PreprocessingScores[]) =>
    list.reduce((a, b) => (b.reproducibility > a.reproducibility ? b : a));
  return {
    reason: `Of the choices that keep titles and Porter stems, “${compared[chosen]!.label}” is the first in the list, simplest first, within a standard error of the best: it reaches ${figure(scores[chosen]!)}, the best ${figure(bestOf(open.map((at) => scores[at]!)))}, the plain choice ${figure(scores[0]!)}; the best of all, those without stems or titles included, ${figure(bestOf(scores))}. The measure is how well clusters from one random half of the terms agree with those from the other half (adjusted mutual information of two cuts into ${COMPARED_AT}); neither taxonomy nor themes have a part in it.`,
    choices: compared.map((choice, at) => {
      const { themeF1, ...rest } = scores[at]!;
      return {
        label: choice.label,
        options: choiceOptions(choice),
        used: at === ownRow,
        chosen: at === chosen,
        ...rest,
        themeF1: Number.isNaN(themeF1) ? null : themeF1,
      };
    }),
  };
}

function supportOf(counts: readonly TaskResult["support"][], nMerges: number, replicates: number) {
  if (replicates === 0) return undefined;
  return Array.from({ length: nMerges }, (_, s) => {
    const total = (of: (piece: TaskResult["support"]) => number) => counts.reduce((sum, piece) => sum + of(piece), 0);
    const frequency = SCALES.map((_, scale) => total(({ found }) => found[scale]![s]!) / replicates);
    return {
      ...multiscaleFit(frequency, SCALES, replicates),
      recovery: rounded(total(({ recovered }) => recovered[s]!) / replicates),
    };
  });
}

function explain(
  { docs, contributions, sections, themes }: AtlasCorpus,
  options: AtlasOptions,
  result: DocumentClusters,
  { support, preprocessing }: { support: ReturnType<typeof supportOf>; preprocessing: Explained["preprocessing"] },
): Explained {
  const n = docs.length;
  const { D, Z, labels } = result;
  const idOf = (leaf: number): string => docs[leaf]!.id;
  const nodes = clusterNodes(Z, labels);
  const silhouettes = silhouetteOfClusters(D, labels);
  const topics = docs.map((doc) => new Set(doc.contributions));
  const has = contributions.map(({ id }) => new Set(docs.flatMap((_, i) => (topics[i]!.has(id) ? [i] : []))));
  const chances = ownGroupChance(
    D,
    docs.map(({ section }) => section),
  );
  const places = umapLayout(D, n, {
    neighbours: MAP_NEIGHBOURS,
    minDistance: MAP_DISTANCE,
    random: random(derived(options.seed, stream.map)),
  });
  const { stopWords, stem, sublinear, ngrams, minDf, maxDf, titleWeight } = options.preprocessing;
  return {
    format: 2,
    parameters: {
      documents: n,
      terms: result.X.shape[1],
      stems: stem ? "Porter" : "none",
      "stop words": stopWords ? `${stopWords.size} given` : "natural's English list",
      "least papers of a term": minDf,
      "largest share of papers of a term": Math.min(1, maxDf),
      "words in a term": ngrams,
      "times a title counts": titleWeight,
      weights: sublinear ? "(1 + ln count) × idf, unit rows" : "count × idf, unit rows",
      distance: "Euclidean",
      linkage: "Ward",
      clusters: result.words.length,
      "resamples at each of ten scales": options.replicates,
      seed: options.seed,
    },
    fallback: docs.filter(({ counts }) => counts === null).map(({ id }) => id),
    contributions: contributions.map(({ id, label }) => ({ id, label })),
    sections,
    papers: docs.map((doc, i) => ({
      id: doc.id,
      title: doc.title,
      shortName: doc.shortName,
      year: doc.year,
      section: doc.section,
      contributions: doc.contributions,
      cluster: labels[i]!,
      x: rounded(places[i]!.x),
      y: rounded(places[i]!.y),
      sectionChance: Number.isNaN(chances[i]) ? null : chances[i]!,
      near: nearest(D, n, i, Math.min(NEAR, n - 1)).map(({ index, distance }) => ({ id: idOf(index), distance })),
    })),
    leaves: Array.from(result.leaves),
    merges: Z.map(([left, right, height, size], s) => ({
      left,
      right,
      height,
      size,
      ...(support && { support: support[s]! }),
    })),
    clusters: result.words.map((words, c) => ({
      id: c + 1,
      label: words.join(", "),
      words,
      height: result.heights[c]!,
      node: nodes[c]!,
      silhouette: silhouettes[c]!,
      papers: Array.from(result.leaves)
        .filter((leaf) => labels[leaf] === c + 1)
        .map(idOf),
      typical: result.typical[c]!.map(idOf),
    })),
    reason: result.reason,
    cuts: result.cuts,
    scores: {
      copheneticCorrelation: result.copheneticCorrelation,
      ...taxonomyAgreement(
        Z,
        labels,
        docs.map(({ section }) => section),
        topics,
      ),
    },
    matrix: departures(has, labels).map(({ row, column, count, expected, residual }) => ({
      cluster: column + 1,
      contribution: contributions[row]!.id,
      papers: count,
      expected,
      residual,
    })),
    themes: themes.map(({ id, label, members }) => ({
      id,
      label,
      members: members.size,
      papers: [...members].map(idOf),
      ...bestSubtree(Z, members),
    })),
    preprocessing,
    support: support ? { replicates: options.replicates, scales: SCALES, seed: options.seed } : null,
    map: {
      method: `UMAP, ${MAP_NEIGHBOURS} neighbours, least distance ${MAP_DISTANCE}, seed ${options.seed}`,
      neighbours: MAP_NEIGHBOURS,
      kept: keptNeighbours(D, places, Math.min(MAP_NEIGHBOURS, n - 1)),
    },
  };
}

function write(explained: Explained, { db, out, compare }: AtlasOptions): void {
  const { parameters, reason, fallback, scores, support, map, preprocessing } = explained;
  const now = explained.clusters.map(({ id, label, papers }) => ({ id, label, documents: papers }));
  const report = clusterReport(explained, compare && clusterChanges(compare, now));
  replaceOutput(out, (folder) => {
    for (const [name, text] of Object.entries(report)) writeFileSync(join(folder, name), text);
    storeClusters(db, {
      ...explained,
      run: { parameters, reason, fallback, scores, support, map, preprocessing: preprocessing.reason },
    });
  });
}

/** Six decimals, so that the last bits of a platform's arithmetic do not show. */
const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;

const derived = (seed: number, purpose: number): number => Math.floor(random(seed, purpose)() * 2 ** 32);
