/** Clusters the reviewed papers into the knowledge base, or any corpus into a folder. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { adjustedMutualInformation } from "../src/cluster/adjustedMutualInformation.ts";
import { adjustedRandIndex } from "../src/cluster/adjustedRandIndex.ts";
import { bestSubtree } from "../src/cluster/bestSubtree.ts";
import { type ClusterOptions, clusterDocuments, nearest } from "../src/cluster/clusterDocuments.ts";
import { vMeasure } from "../src/cluster/vMeasure.ts";
import { type Engine, engines } from "../src/cluster/wardLinkage.ts";
import { clusterReport } from "../src/figure/clusterReport.ts";
import { kbFile } from "../src/kb/open.ts";
import { documents } from "../src/kb/queries/documents.ts";
import { themeMembers, themes } from "../src/kb/queries/themes.ts";
import { storeClusters } from "../src/kb/storeClusters.ts";
import { clusterCorpus } from "./corpus/clusterCorpus.ts";
import { CorpusError } from "./corpus/corpusError.ts";
import type { Io } from "./ingest.ts";

const help = `Clusters documents by their words: TF-IDF, Euclidean distances, Ward linkage, a cut into named clusters.

Usage: npm run cluster -- [options]
       npm run -s cluster -- --input FILE --out DIR [options]

Without --input: the reviewed papers by title and abstract; writes into the knowledge base, and a report.

  --db FILE        knowledge base (default: ${kbFile})
  --out DIR        report: index.html, report.md, report.json, dendrogram.svg (default: build/cluster-report)

With --input: any corpus, one JSON object a line, {"id", "text"} or {"id", "counts": {"word": 2}}, with a "title" to
show if there is one. It is read as a stream; the folder is replaced as a whole when all is done.

  --input FILE     documents
  --out DIR        linkage.json (SciPy's rows: left, right, height, size), leaves.json (ids by leaf, leaves from left
                   to right), clusters.json, index.html, report.md
  --export-vectors  vectors.json as well: the TF-IDF matrix as compressed sparse rows, and its terms
  --json           stage times in seconds and peak memory in MB on stdout
  --engine NAME    ml-hclust, nn-chain (4 bytes a pair of documents) or matrix-free; all give the same tree
                   (default: by size and free memory)

Both:

  --clusters K     number of flat clusters (default: of the cuts into 8 to 30 clusters of 3 or more
                   documents each, the one with the highest mean silhouette)
  --label-terms N  terms in a cluster's name (default: 4)
  --min-df N       leave out terms in fewer documents (default: 2; with --input 1)
  --max-df SHARE   leave out terms in a larger share of the documents (default: 0.5; with --input 1)
  --ngrams N       runs of up to N neighbouring words are terms too (default: 1)
  --no-stem        keep words as they are (default: Porter stems)
  --stop-words FILE  words to leave out, separated by spaces or lines (default: natural's English list)
  --sublinear      weight a count c as 1 + ln c
  --help           this text

Exit code 0: done. 1: no knowledge base, or a problem of the input, the memory or the disk; what was there stays.
2: wrong usage.
Examples: npm run cluster -- --clusters 16 --sublinear
          npm run -s cluster -- --input docs.jsonl --out clusters --json
`;

class UsageError extends Error {}

function numberOption(
  name: string,
  value: string | undefined,
  fits: (x: number) => boolean,
  expected: string,
  example: string,
): number | undefined {
  if (value === undefined) return undefined;
  const x = Number(value);
  if (value.trim() !== "" && fits(x)) return x;
  throw new UsageError(`--${name}: expected ${expected}, found ${value}; write ${example}`);
}

/** Runs the command; returns its exit code, with --input a promise of it. `terminal` shows progress bars. */
export function main(args: string[], io: Io & { terminal?: NodeJS.WriteStream | undefined }): number | Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      allowNegative: true,
      options: {
        clusters: { type: "string" },
        "label-terms": { type: "string" },
        "min-df": { type: "string" },
        "max-df": { type: "string" },
        stem: { type: "boolean", default: true },
        sublinear: { type: "boolean", default: false },
        "stop-words": { type: "string" },
        db: { type: "string", default: kbFile },
        out: { type: "string" },
        input: { type: "string" },
        json: { type: "boolean", default: false },
        "export-vectors": { type: "boolean", default: false },
        engine: { type: "string" },
        ngrams: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      io.out(help);
      return 0;
    }
    const whole = (x: number) => Number.isInteger(x) && x >= 1;
    const corpus = values.input !== undefined;
    const maxDf = numberOption("max-df", values["max-df"], (x) => x > 0 && x <= 1, "a share in (0, 1]", "0.5");
    const options: ClusterOptions = {
      clusters: numberOption("clusters", values.clusters, whole, "a whole number from 1", "16") ?? [8, 30],
      labelTerms: numberOption("label-terms", values["label-terms"], whole, "a whole number from 1", "4") ?? 4,
      smallest: typeof values.clusters === "string" ? 1 : 3,
      minDf: numberOption("min-df", values["min-df"], whole, "a whole number from 1", "2") ?? (corpus ? 1 : 2),
      maxDf: maxDf === 1 ? Number.POSITIVE_INFINITY : (maxDf ?? (corpus ? Number.POSITIVE_INFINITY : 0.5)),
      ...(values.ngrams && { ngrams: numberOption("ngrams", values.ngrams, whole, "a whole number from 1", "2") }),
      stem: values.stem,
      sublinear: values.sublinear,
      ...(values["stop-words"] && { stopWords: readStopWords(values["stop-words"]) }),
      ...(values.engine && { engine: engineOption(values.engine) }),
    };
    if (values.input !== undefined) {
      if (values.out === undefined) throw new UsageError("--out: expected a folder for the output, found none");
      return runCorpus({ ...options, input: values.input, out: values.out }, values, io);
    }
    for (const name of ["json", "export-vectors"] as const) {
      if (values[name]) throw new UsageError(`--${name}: expected --input FILE with it, found none`);
    }
    if (!existsSync(values.db)) {
      io.err(`cluster: ${values.db}: expected the knowledge base, found none; run npm run ingest\n`);
      return 1;
    }
    clusterKb(values.db, values.out ?? "build/cluster-report", options);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS"))) throw error;
    io.err(`cluster: ${(error as Error).message}; see --help\n`);
    return 2;
  }
}

async function runCorpus(
  options: ClusterOptions & { input: string; out: string },
  { json, "export-vectors": exportVectors }: { json: boolean; "export-vectors": boolean },
  io: Io & { terminal?: NodeJS.WriteStream | undefined },
): Promise<number> {
  const { stopWords, stem = true, sublinear = false, ngrams = 1, minDf = 1, maxDf = 1 } = options;
  const parameters = {
    "minimum documents of a term": minDf,
    "largest share of documents of a term": Math.min(1, maxDf),
    "words in a term": ngrams,
    stems: stem ? "Porter" : "none",
    "stop words": stopWords ? `${stopWords.size} given` : "natural's English list",
    weights: sublinear ? "(1 + ln tf) idf" : "tf idf",
  };
  try {
    const run = await clusterCorpus({ ...options, exportVectors, parameters }, io.err, io.terminal);
    if (json) io.out(`${JSON.stringify(run, null, 2)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    io.err(`cluster: ${error.message}\n`);
    return 1;
  }
}

function engineOption(value: string): Engine {
  const engine = engines.find((name) => name === value);
  if (engine) return engine;
  throw new UsageError(`--engine: expected ${engines.join(", ")}, found ${value}; write matrix-free`);
}

function readStopWords(file: string): Set<string> {
  if (!existsSync(file))
    throw new UsageError(`--stop-words: expected a readable file, found none at ${file}; check the path`);
  return new Set(readFileSync(file, "utf8").toLowerCase().split(/\s+/).filter(Boolean));
}

function clusterKb(file: string, out: string, options: ClusterOptions): void {
  const db = new Database(file, { readonly: true });
  const docs = documents(db);
  const members = themes(db).map((theme) => ({ ...theme, papers: new Set(themeMembers(db, theme.id)) }));
  db.close();
  const n = docs.length;
  if (typeof options.clusters === "number" && options.clusters > n) {
    throw new UsageError(
      `--clusters: expected at most ${n}, the number of papers, found ${options.clusters}; write ${Math.min(16, n)}`,
    );
  }
  const range = typeof options.clusters === "number" ? options.clusters : ([Math.min(8, n), Math.min(30, n)] as const);
  const result = clusterDocuments(
    docs.map((d) =>
      d.counts ? { counts: JSON.parse(d.counts) as Record<string, number> } : { text: `${d.title} ${d.summary}` },
    ),
    { ...options, clusters: range },
  );
  const sections = docs.map((d) => d.section);
  const clusters = result.words.map((words, c) => ({
    id: c + 1,
    label: words.join(", "),
    words,
    height: result.heights[c]!,
    papers: Array.from(result.leaves)
      .filter((leaf) => result.labels[leaf] === c + 1)
      .map((leaf) => docs[leaf]!.id),
  }));
  const leafOf = new Map(docs.map((d, i) => [d.id, i]));
  const run = {
    parameters: {
      documents: n,
      terms: result.nTerms,
      ...options,
      stopWords: options.stopWords ? `${options.stopWords.size} given` : "natural's English list",
      clusters: clusters.length,
      linkage: "ward",
      distance: "euclidean",
    },
    criterion:
      typeof options.clusters === "number"
        ? "number of clusters given"
        : `highest mean silhouette of the cuts into ${String(range).replace(",", " to ")} clusters of ${options.smallest} or more papers`,
    fallback: docs.filter((d) => !d.counts).map((d) => d.id),
    scores: {
      copheneticCorrelation: result.copheneticCorrelation,
      adjustedRandIndex: adjustedRandIndex(result.labels, sections),
      adjustedMutualInformation: adjustedMutualInformation(sections, result.labels),
      ...vMeasure(sections, result.labels),
    },
    silhouettes: result.silhouettes,
    themes: members
      .filter((theme) => theme.papers.size > 0)
      .map(({ id, label, papers }) => ({
        id,
        label,
        members: papers.size,
        ...bestSubtree(result.Z, new Set([...papers].map((paper) => leafOf.get(paper)!))),
      })),
  };
  const merges = result.Z.map(([left, right, height, size]) => ({ left, right, height, size }));
  const neighbours = docs.map((d, i) => ({
    paper: d.id,
    near: nearest(result.D, n, i, Math.min(6, n - 1)).map(({ index, distance }) => ({ id: docs[index]!.id, distance })),
  }));
  storeClusters(file, { ids: docs.map((d) => d.id), leaves: result.leaves, merges, clusters, neighbours, run });

  const report = clusterReport({ docs, merges, leaves: Array.from(result.leaves), clusters, run });
  const temporary = `${out}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  for (const [name, text] of Object.entries(report)) writeFileSync(`${temporary}/${name}`, text);
  rmSync(out, { recursive: true, force: true });
  renameSync(temporary, out);
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY ? process.stderr : undefined,
  });
}
