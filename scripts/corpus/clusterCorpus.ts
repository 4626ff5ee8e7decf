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
import { clusterHeights } from "../../src/cluster/clusterHeights.ts";
import { distinctiveTerms } from "../../src/cluster/distinctiveTerms.ts";
import { leavesList } from "../../src/cluster/leavesList.ts";
import { type CorpusSize, memoryNeed } from "../../src/cluster/memoryNeed.ts";
import { sampledCut } from "../../src/cluster/sampledCut.ts";
import { typicalRows } from "../../src/cluster/typicalRows.ts";
import { type Engine, engineFor, wardLinkage } from "../../src/cluster/wardLinkage.ts";
import { corpusReport } from "../../src/figure/corpusReport.ts";
import { type CountOptions, termCounter } from "../../src/text/counts.ts";
import type { CsrMatrix } from "../../src/text/csrMatrix.ts";
import { type TfidfOptions, tfidf } from "../../src/text/tfidf.ts";
import { CorpusError } from "./corpusError.ts";
import { readDocuments } from "./readDocuments.ts";
import { replaceDirectory } from "./replaceDirectory.ts";
import { stageClock } from "./stages.ts";

export interface CorpusOptions extends CountOptions, TfidfOptions {
  readonly input: string;
  readonly out: string;
  /** Number of flat clusters, or the range to choose from. */
  readonly clusters: number | readonly [fewest: number, most: number];
  readonly labelTerms: number;
  readonly engine?: Engine | undefined;
  readonly exportVectors: boolean;
  /** What the report says of how words were counted. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

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
      typeof options.clusters === "number" ? [options.clusters, options.clusters] : options.clusters;
    const cut = sampledCut(X, Z, {
      fewest: Math.min(fewest, n),
      most: Math.min(most, n),
      smallest: typeof options.clusters === "number" ? 1 : 3,
    });
    const leaves = leavesList(Z);
    const words = distinctiveTerms(X, cut.labels, options.labelTerms).map((best) =>
      best.map((j) => counts.surface[columns[j]!]!),
    );
    const heights = clusterHeights(Z, cut.labels, words.length);
    const typical = typicalRows(X, cut.labels, 3);
    const sizes = words.map((_, c) => cut.labels.reduce((size, label) => size + (label === c + 1 ? 1 : 0), 0));
    const clusters = words.map((list, c) => ({
      words: list,
      size: sizes[c]!,
      height: heights[c]!,
      typical: typical[c]!,
    }));

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
    });
    writeOutput((folder) => {
      writeJson(join(folder, "linkage.json"), array(Z.map((row) => JSON.stringify(row))));
      writeJson(join(folder, "leaves.json"), [
        `{"ids": ${JSON.stringify(ids)},\n"order": ${JSON.stringify(Array.from(leaves))}}\n`,
      ]);
      const members: string[][] = clusters.map(() => []);
      for (const leaf of leaves) members[cut.labels[leaf]! - 1]!.push(ids[leaf]!);
      writeJson(
        join(folder, "clusters.json"),
        array(
          clusters.map((c, i) =>
            JSON.stringify({
              id: i + 1,
              label: c.words.join(", "),
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
    const docs = `${size.nDocs.toLocaleString("en")} document${size.nDocs === 1 ? "" : "s"}`;
    if (memoryNeed(engine, size) > available) {
      throw new CorpusError(
        `${options.input}: ${docs} need about ${need(engine)} with --engine ${engine}, ${(available / 1e9).toFixed(1)} GB are free; --engine ${other} needs ${need(other)}`,
      );
    }
    err(
      `${docs}, ${size.nTerms.toLocaleString("en")} terms: --engine ${engine} needs about ${need(engine)}, ${other} ${need(other)}\n`,
    );
    return engine;
  }

  function writeOutput(write: (folder: string) => void): void {
    try {
      replaceDirectory(options.out, write);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!code) throw error;
      const remedy = code === "ENOSPC" ? "the disk is full; free some space" : "choose another --out";
      throw new CorpusError(
        `${options.out}: expected a folder that can be written, found ${message}; ${remedy}; the last output stays`,
      );
    }
  }
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
