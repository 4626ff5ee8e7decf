/** Clusters the reviewed papers into the knowledge base, or any corpus into a folder. */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Engine, engines } from "../src/cluster/wardLinkage.ts";
import { kbFile } from "../src/kb/kbFile.ts";
import type { AtlasCorpus } from "./atlas/atlasDocuments.ts";
import type { AtlasOptions } from "./atlas/clusterAtlas.ts";
import { type CorpusOptions, clusterCorpus } from "./corpus/clusterCorpus.ts";
import { CorpusError } from "./corpus/corpusError.ts";
import { stageClock } from "./corpus/stages.ts";
import { type Io, runCommand } from "./runCommand.ts";

const help = `Clusters documents by their words: TF-IDF, Euclidean distances, Ward linkage, a cut into named clusters.

Usage: npm run cluster -- [options]
       npm run -s cluster -- --input FILE --out DIR [options]

Without --input: the reviewed papers by title and abstract; writes into the knowledge base, and a report.

  --db FILE        knowledge base (default: ${kbFile})
  --out DIR        report: index.html, report.md, report.json, dendrogram.svg (default: build/cluster-report)
  --title-weight N  how often each word of a title counts; 0 leaves titles out (default: 1)
  --replicates N   resamples of the terms at each of ten scales, for the support of each merge; 0 leaves support
                   out (default: 200; 1000 for a figure that is printed)
  --splits N       random halvings of the terms by which choices of preprocessing are compared; 0 leaves the
                   comparison out (default: 20)
  --seed N         names the random numbers; the same seed gives the same bytes (default: 1)

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
                   documents each, the one with the highest mean silhouette; with --input fewer of few documents)
  --label-terms N  terms in a cluster's name (default: 4)
  --min-df N       leave out terms in fewer documents (default: 2; with --input 1)
  --max-df SHARE   leave out terms in a larger share of the documents (default: 0.5; with --input 1)
  --ngrams N       runs of up to N neighbouring words are terms too (default: 1)
  --[no-]stem      Porter stems in the place of words (default: yes)
  --stop-words FILE  words to leave out, separated by spaces or lines (default: natural's English list)
  --[no-]sublinear  weight a count c as 1 + ln c (default: yes; with --input no)
  --compare OLD    what changed since another run: its folder, report.json or clusters.json; in the report, and
                   changes.json
  --help           this text

Exit code 0: done. 1: no knowledge base, or a problem of the input, the memory or the disk; what was there stays.
2: wrong usage.
Examples: npm run cluster -- --clusters 16 --replicates 1000
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

type Terminal = Io & { terminal?: NodeJS.WriteStream | undefined };

/** Runs the command; returns its exit code. `terminal` shows progress bars. */
export async function main(args: string[], io: Terminal): Promise<number> {
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
        sublinear: { type: "boolean" },
        "stop-words": { type: "string" },
        "title-weight": { type: "string" },
        replicates: { type: "string" },
        splits: { type: "string" },
        seed: { type: "string" },
        db: { type: "string" },
        out: { type: "string" },
        input: { type: "string" },
        json: { type: "boolean" },
        "export-vectors": { type: "boolean" },
        engine: { type: "string" },
        ngrams: { type: "string" },
        compare: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      io.out(help);
      return 0;
    }
    const corpus = values.input !== undefined;
    const foreign = corpus
      ? (["db", "title-weight", "replicates", "splits", "seed"] as const)
      : (["json", "export-vectors", "engine"] as const);
    for (const name of foreign) {
      if (values[name] === undefined) continue;
      throw new UsageError(
        `--${name}: expected ${corpus ? "no --input with it, found one" : "--input FILE with it, found none"}`,
      );
    }
    const from = (least: number) => (x: number) => Number.isInteger(x) && x >= least;
    const whole = "a whole number from 1";
    const clusters = numberOption("clusters", values.clusters, from(1), whole, "16");
    const maxDf = numberOption("max-df", values["max-df"], (x) => x > 0 && x <= 1, "a share in (0, 1]", "0.5");
    const shared = {
      labelTerms: numberOption("label-terms", values["label-terms"], from(1), whole, "4") ?? 4,
      stem: values.stem,
      minDf: numberOption("min-df", values["min-df"], from(1), whole, "2") ?? (corpus ? 1 : 2),
      maxDf: maxDf === 1 ? Number.POSITIVE_INFINITY : (maxDf ?? (corpus ? Number.POSITIVE_INFINITY : 0.5)),
      ngrams: numberOption("ngrams", values.ngrams, from(1), whole, "2") ?? 1,
      sublinear: values.sublinear ?? !corpus,
      ...(values["stop-words"] && { stopWords: readStopWords(values["stop-words"]) }),
    };
    const compare = values.compare === undefined ? undefined : await earlierClusters(values.compare);
    if (values.input !== undefined) {
      if (values.out === undefined) throw new UsageError("--out: expected a folder for the output, found none");
      const { input, out, json = false, "export-vectors": exportVectors = false } = values;
      const engine = values.engine === undefined ? undefined : engineOption(values.engine);
      return await runCorpus(
        { ...shared, input, out, exportVectors, engine, clusters: clusters ?? [8, 30], compare },
        json,
        io,
      );
    }
    const { labelTerms, ...preprocessing } = shared;
    const orNone = "a whole number from 0";
    return await runAtlas(
      {
        db: values.db ?? kbFile,
        out: values.out ?? "build/cluster-report",
        clusters,
        labelTerms,
        preprocessing: {
          ...preprocessing,
          titleWeight: numberOption("title-weight", values["title-weight"], from(0), orNone, "2") ?? 1,
        },
        replicates: numberOption("replicates", values.replicates, from(0), orNone, "200") ?? 200,
        splits:
          numberOption("splits", values.splits, (x) => from(0)(x) && x !== 1, "0, or a whole number from 2", "20") ??
          20,
        seed: numberOption("seed", values.seed, from(0), orNone, "1") ?? 1,
        compare,
      },
      io,
    );
  } catch (error) {
    if (error instanceof CorpusError) {
      io.err(`cluster: ${error.message}\n`);
      return 1;
    }
    if (!(error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS"))) throw error;
    io.err(`cluster: ${(error as Error).message}; see --help\n`);
    return 2;
  }
}

async function runCorpus(options: Omit<CorpusOptions, "parameters">, json: boolean, io: Terminal): Promise<number> {
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
    const run = await clusterCorpus({ ...options, parameters }, io.err, io.terminal);
    if (json) io.out(`${JSON.stringify(run, null, 2)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    io.err(`cluster: ${error.message}\n`);
    return 1;
  }
}

async function earlierClusters(place: string) {
  const { readClustering } = await import("./corpus/readClustering.ts");
  return readClustering(place);
}

function engineOption(value: string): Engine {
  const engine = engines.find((name) => name === value);
  if (engine) return engine;
  throw new UsageError(`--engine: expected ${engines.join(", ")}, found ${value}; write matrix-free`);
}

function readStopWords(file: string): Set<string> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `--stop-words: expected a readable file, found ${(error as Error).message}; check the path of ${file}`,
    );
  }
  return new Set(text.toLowerCase().split(/\s+/).filter(Boolean));
}

async function runAtlas(options: AtlasOptions, io: Terminal): Promise<number> {
  if (!existsSync(options.db)) {
    io.err(`cluster: ${options.db}: expected the knowledge base, found none; run npm run ingest\n`);
    return 1;
  }
  // What only the papers need is loaded here: a corpus is clustered in less memory.
  const { readAtlas } = await import("./atlas/atlasDocuments.ts");
  const { clusterAtlas } = await import("./atlas/clusterAtlas.ts");
  let corpus: AtlasCorpus;
  try {
    corpus = readAtlas(options.db);
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith("SQLITE_")) throw error;
    io.err(
      `cluster: ${options.db}: expected the knowledge base, found ${(error as Error).message}; run npm run ingest\n`,
    );
    return 1;
  }
  const n = corpus.docs.length;
  if (options.clusters !== undefined && options.clusters > n) {
    throw new UsageError(
      `--clusters: expected at most ${n}, the number of papers, found ${options.clusters}; write ${Math.min(16, n)}`,
    );
  }
  const stages = stageClock(io.terminal ? io.err : () => {}, io.terminal);
  try {
    await clusterAtlas(corpus, options, stages);
    return 0;
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    stages.end();
    io.err(`cluster: ${error.message}\n`);
    return 1;
  } finally {
    stages.end();
  }
}

if (import.meta.main) {
  await runCommand((args, io) => main(args, { ...io, terminal: process.stderr.isTTY ? process.stderr : undefined }));
}
