/**
 * Clusters a corpus of any size:
 *
 *   read        JSON lines, one document after the other
 *   tokenise    words, stems, counts                                  [nDocs, nTerms]
 *   weights     TF-IDF, unit rows
 *   distances   what the engine needs of them
 *   linkage     Ward's tree
 *   clusters    a cut of the tree, named by its words
 *   write       the output folder, all of it or none
 */
import { closeSync, fsyncSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { clusterChanges, type NamedCluster } from "../../src/cluster/clusterChanges.ts";
import { clusterHeights } from "../../src/cluster/clusterHeights.ts";
import { clusterLabels, labelWords } from "../../src/cluster/clusterLabels.ts";
import { distinctiveTerms } from "../../src/cluster/distinctiveTerms.ts";
import { labelSample } from "../../src/cluster/labelSample.ts";
import { leavesList } from "../../src/cluster/leavesList.ts";
import { type CorpusSize, memoryNeed } from "../../src/cluster/memoryNeed.ts";
import { pdist } from "../../src/cluster/pdist.ts";
import { random } from "../../src/cluster/random.ts";
import { sampledCut } from "../../src/cluster/sampledCut.ts";
import { typicalRows } from "../../src/cluster/typicalRows.ts";
import { umapLayout } from "../../src/cluster/umapLayout.ts";
import { type Engine, engineFor, wardLinkage } from "../../src/cluster/wardLinkage.ts";
import { type CorpusReportInput, corpusReport, DRAWN_MOST } from "../../src/figure/corpusReport.ts";
import { type CountOptions, type Counts, termCounter } from "../../src/text/counts.ts";
import type { CsrMatrix } from "../../src/text/csrMatrix.ts";
import { csrRows } from "../../src/text/csrRows.ts";
import { countPhrases, type PhraseSource } from "../../src/text/phrases.ts";
import { type TfidfOptions, tfidf } from "../../src/text/tfidf.ts";
import { writtenCase } from "../../src/text/writtenCase.ts";
import { compileKernels } from "./compileKernels.ts";
import { CorpusError } from "./corpusError.ts";
import { readDocuments } from "./readDocuments.ts";
import { replaceOutput } from "./replaceOutput.ts";
import { stageClock } from "./stages.ts";

export interface CorpusOptions extends CountOptions, TfidfOptions {
  readonly input: string;
  readonly out: string;
  /** Number of flat clusters, or the range to choose from. */
  readonly clusters: number | readonly [fewest: number, most: number];
  readonly labelTerms: number;
  readonly engine?: Engine | undefined;
  readonly exportVectors: boolean;
  /** Clusters of an earlier run to compare with. */
  readonly compare: readonly NamedCluster[] | undefined;
  /** What the report says of how words were counted. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Most documents that names are taken from. */
const LABELLED_MOST = 4000;
const MAP_NEIGHBOURS = 10;
const MAP_DISTANCE = 0.3;
const MAP_SEED = 1;

/** Stage times and sizes of a run. */
export interface CorpusRun {
  readonly documents: number;
  readonly terms: number;
  readonly emptyDocuments: number;
  readonly engine: Engine;
  readonly clusters: number;
  readonly topHeight: number;
  /** By stage. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Tokenise to linkage. */
  readonly totalSeconds: number;
  readonly peakMemoryMB: number;
  readonly out: string;
}

/** @throws CorpusError when the input, the memory or the disk is not as it has to be; the output stays as it was */
export async function clusterCorpus(
  options: CorpusOptions,
  err: (text: string) => void,
  terminal?: NodeJS.WriteStream,
): Promise<CorpusRun> {
  const stages = stageClock(err, terminal);
  try {
    return await run();
  } finally {
    stages.end();
  }

  async function run(): Promise<CorpusRun> {
    compileKernels();
    stages.begin("read");
    const ids: string[] = [];
    const titles: string[] = [];
    const counter = termCounter(options);
    const fileSize = statSync(options.input, { throwIfNoEntry: false })?.size ?? 0;
    let bytesRead = 0;
    for await (const { id, title, doc } of readDocuments(options.input, (bytes) => {
      bytesRead += bytes;
      stages.progress(bytesRead / fileSize);
    })) {
      ids.push(id);
      titles.push(title ?? id);
      stages.within("tokenise", () => counter.add(doc));
    }
    if (ids.length === 0) {
      throw new CorpusError(
        `${options.input}: expected at least one document, found none; write one JSON object a line`,
      );
    }
    const counts = stages.within("tokenise", () => counter.finish());

    stages.begin("weights");
    const { X, terms, columns } = tfidf(counts, options);
    const [n, nTerms] = X.shape;
    const empty = emptyRows(X);
    if (empty.length === n && n > 1) {
      throw new CorpusError(
        `${options.input}: expected words to tell ${n} documents apart, found none left of ${counts.terms.length}; lower --min-df, raise --max-df or change --stop-words`,
      );
    }
    if (empty.length > 0) {
      err(
        `${empty.length} of ${n} documents have no word left, the first is ${ids[empty[0]!]}: they are all alike, at distance 1 from the others\n`,
      );
    }
    const engine = checkMemory({ nDocs: n, nTerms, nnz: X.data.length });

    const Z = wardLinkage(X, { engine, stage: stages.begin, progress: stages.progress });
    stages.begin("clusters");
    const [fewest, most] =
      typeof options.clusters === "number" ? [options.clusters, options.clusters] : rangeFor(n, options.clusters);
    const distinct = n - Z.reduce((count, [, , height]) => count + (height === 0 ? 1 : 0), 0);
    const cut = sampledCut(X, Z, {
      fewest: Math.min(fewest, distinct),
      most: Math.min(most, distinct),
      smallest: typeof options.clusters === "number" ? 1 : 3,
    });
    const leaves = leavesList(Z);
    const words = await names(options, { counts, X, columns, labels: cut.labels, ids });
    const heights = clusterHeights(Z, cut.labels, words.length);
    const typical = typicalRows(X, cut.labels, 3);
    const sizes = words.map((_, c) => cut.labels.reduce((size, label) => size + (label === c + 1 ? 1 : 0), 0));
    const clusters = words.map((list, c) => ({
      label: list.join(", ") || "no words",
      words: list,
      size: sizes[c]!,
      height: heights[c]!,
      typical: typical[c]!,
    }));

    const members: string[][] = clusters.map(() => []);
    for (const leaf of leaves) members[cut.labels[leaf]! - 1]!.push(ids[leaf]!);
    const changes =
      options.compare &&
      clusterChanges(
        options.compare,
        clusters.map(({ label }, c) => ({ id: c + 1, label, documents: members[c]! })),
      );
    const map = n > 3 && n <= DRAWN_MOST ? documentMap(X) : null;

    stages.begin("write");
    const report = corpusReport({
      source: options.input,
      titles,
      merges: Z.map(([left, right, height, size]) => ({ left, right, height, size })),
      leaves,
      labels: cut.labels,
      clusters,
      parameters: { documents: n, terms: nTerms, ...options.parameters, linkage: "ward", distance: "euclidean" },
      criterion:
        typeof options.clusters === "number"
          ? "number of clusters given"
          : `highest mean silhouette, over ${cut.sample} documents, of the cuts into ${fewest} to ${most} clusters of 3 or more`,
      silhouettes: cut.silhouettes,
      map,
      changes,
    });
    replaceOutput(options.out, (folder) => {
      writeJson(join(folder, "linkage.json"), array(Z.map((row) => JSON.stringify(row))));
      writeJson(join(folder, "leaves.json"), [
        `{"ids": ${JSON.stringify(ids)},\n"order": ${JSON.stringify(Array.from(leaves))}}\n`,
      ]);
      writeJson(
        join(folder, "clusters.json"),
        array(
          clusters.map((c, i) =>
            JSON.stringify({
              id: i + 1,
              label: c.label,
              words: c.words,
              size: c.size,
              height: c.height,
              typical: c.typical.map((leaf) => ids[leaf]),
              documents: members[i],
            }),
          ),
        ),
      );
      if (options.exportVectors) writeJson(join(folder, "vectors.json"), vectors(X, terms));
      if (changes) writeJson(join(folder, "changes.json"), [`${JSON.stringify(changes, null, 2)}\n`]);
      for (const [name, text] of Object.entries(report)) writeJson(join(folder, name), [text]);
    });
    stages.end();
    const seconds = stages.seconds();
    const total = ["tokenise", "weights", "distances", "linkage"].reduce((sum, name) => sum + (seconds[name] ?? 0), 0);
    return {
      documents: n,
      terms: nTerms,
      emptyDocuments: empty.length,
      engine,
      clusters: clusters.length,
      topHeight: Z.at(-1)?.[2] ?? 0,
      seconds,
      totalSeconds: Math.round(1000 * total) / 1000,
      peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
      out: options.out,
    };
  }

  /** The engine to use; says what memory it needs, and throws when that is more than there is. */
  function checkMemory(size: CorpusSize): Engine {
    const available = process.availableMemory();
    const engine = options.engine ?? engineFor(size, available);
    const need = (e: Engine) => `${(memoryNeed(e, size) / 1e9).toFixed(1)} GB`;
    const other = engine === "matrix-free" ? "nn-chain" : "matrix-free";
    const docs = `${withCommas(size.nDocs)} document${size.nDocs === 1 ? "" : "s"}`;
    if (memoryNeed(engine, size) > available) {
      throw new CorpusError(
        `${options.input}: ${docs} need about ${need(engine)} with --engine ${engine}, ${(available / 1e9).toFixed(1)} GB are free; --engine ${other} needs ${need(other)}`,
      );
    }
    err(
      `${docs}, ${withCommas(size.nTerms)} terms: --engine ${engine} needs about ${need(engine)}, ${other} ${need(other)}\n`,
    );
    return engine;
  }
}

/** As toLocaleString("en") writes it, which takes 15 ms when it is first called. */
const withCommas = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** The range, lowered for documents that are too few for so many clusters of three. */
const rangeFor = (n: number, [fewest, most]: readonly [number, number]): [fewest: number, most: number] => {
  const possible = Math.max(1, Math.floor(n / 3));
  return [Math.min(fewest, possible), Math.min(most, possible)];
};

interface Named {
  readonly counts: Counts;
  readonly X: CsrMatrix;
  /** The columns of the counts that X has. */
  readonly columns: Int32Array;
  readonly labels: Int32Array;
  readonly ids: readonly string[];
}

/**
 * Words and phrases of each cluster, over a sample of the documents. Phrases need the texts: the file is read once more,
 * and only words name the clusters when it cannot be, as a pipe.
 */
async function names(options: CorpusOptions, { counts, X, columns, labels, ids }: Named): Promise<string[][]> {
  const sample = labelSample(labels, LABELLED_MOST);
  const texts: PhraseSource[] = [];
  if (statSync(options.input).isFile()) {
    const wanted = new Set(sample);
    let at = 0;
    for await (const { id, doc } of readDocuments(options.input)) {
      if (id !== ids[at]) break;
      if (wanted.has(at++)) texts.push(doc);
    }
    if (texts.length !== sample.length) {
      throw new CorpusError(
        `${options.input}: expected the documents that were read before, found it changed meanwhile; run again`,
      );
    }
  }
  const sampled = { ...counts, X: csrRows(counts.X, sample) };
  const best = clusterLabels(
    labelWords(sampled, columns),
    countPhrases(texts.length ? texts : sample.map(() => ({})), options),
    Int32Array.from(sample, (row) => labels[row]!),
    options.labelTerms,
  );
  const fallback = best.every((list) => list.length > 0) ? [] : distinctiveTerms(X, labels, options.labelTerms);
  const written = writtenCase(texts);
  return best.map((list, c) =>
    (list.length ? list : fallback[c]!.map((j) => counts.surface[columns[j]!]!)).map(written),
  );
}

function documentMap(X: CsrMatrix): CorpusReportInput["map"] {
  const places = umapLayout(pdist(X), X.shape[0], {
    neighbours: MAP_NEIGHBOURS,
    minDistance: MAP_DISTANCE,
    random: random(MAP_SEED),
  });
  return {
    places,
    method: `UMAP, ${MAP_NEIGHBOURS} neighbours, least distance ${MAP_DISTANCE}, seed ${MAP_SEED}`,
  };
}

function emptyRows({ indptr }: CsrMatrix): number[] {
  const empty: number[] = [];
  for (let i = 0; i + 1 < indptr.length; i++) if (indptr[i] === indptr[i + 1]) empty.push(i);
  return empty;
}

function* array(items: Iterable<string>): Generator<string> {
  let first = true;
  for (const item of items) {
    yield `${first ? "[\n" : ",\n"}${item}`;
    first = false;
  }
  yield first ? "[]\n" : "\n]\n";
}

/** Compressed sparse rows as in scipy.sparse.csr_matrix((data, indices, indptr), shape). */
function* vectors(X: CsrMatrix, terms: readonly string[]): Generator<string> {
  yield `{"shape": [${X.shape.join(", ")}],\n"terms": ${JSON.stringify(terms)}`;
  for (const [name, values] of Object.entries({ indptr: X.indptr, indices: X.indices, data: X.data })) {
    yield `,\n"${name}": [`;
    for (let at = 0; at < values.length; at += 4096) yield `${at ? "," : ""}${values.subarray(at, at + 4096).join()}`;
    yield "]";
  }
  yield "}\n";
}

function writeJson(file: string, parts: Iterable<string>): void {
  const descriptor = openSync(file, "w");
  try {
    let pending = "";
    const flush = () => {
      for (let bytes = Buffer.from(pending); bytes.length > 0; ) bytes = bytes.subarray(writeSync(descriptor, bytes));
      pending = "";
    };
    for (const part of parts) {
      pending += part;
      if (pending.length > 1 << 20) flush();
    }
    flush();
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
