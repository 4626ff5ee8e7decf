/** Runs every method on the toy world and keeps what its encoder learned: data/toy-results.csv, pictures and loss curves. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { SingleBar } from "cli-progress";
import { csvFormat, csvParse } from "d3-dsv";
import { ToyResult } from "../src/kb/records.ts";
import type { Scores } from "../src/mim/cli/run.ts";
import { METHODS, methodOf } from "../src/mim/methods/all.ts";
import { writeWhole } from "../src/mim/node/checkpointFile.ts";
import { type Io, runCommand } from "./runCommand.ts";

const help = `Trains every method on the toy world, as \`mim run\` does, and writes the accuracies of its encoder;
of one that is not meant to tell classes only that it ran.

Usage: npm run mim:all -- [--methods A,B,…] [--seeds N,N,…] [--jobs N] [--again] [--out FILE] [--pictures DIR]

  --methods   methods to run (default: all)
  --seeds     seeds of data, parameters and masks (default: 0,1,2)
  --jobs      runs at a time, one thread each (default: 2)
  --again     run also what FILE has a row of; otherwise a call that was broken off goes on where it stopped
  --out       table to write, a row a run (default: data/toy-results.csv)
  --pictures  folder for pictures and loss curve of each method's first seed (default: src/site/toyRuns)

A row names the commit that was run, so the work tree must have no change in src/mim.
Exit code 0: done. 1: a run failed. 2: wrong usage.
Example: npm run mim:all -- --methods mae,simmim --seeds 0 --again
`;

/** Columns of data/toy-results.csv. */
export const COLUMNS = Object.keys(ToyResult.shape);

type Row = Record<string, string>;
/** What `mim run --json` prints; without scores where the encoder is not meant to tell classes. */
type RunResult = { readonly steps: number; readonly seconds: number } & Partial<Scores>;
/** What a run leaves that is kept, by file extension. */
const KEPT = { png: "pictures.png", svg: "loss.svg" };

const root = resolve(import.meta.dirname, "..");

export async function main(args: string[], io: Io): Promise<number> {
  let values: Options;
  try {
    values = options(args);
  } catch (error) {
    io.err(`mim:all: ${(error as Error).message}; see --help\n`);
    return 2;
  }
  if (values.help) {
    io.out(help);
    return 0;
  }
  if (git("status", "--porcelain", "src/mim") !== "") {
    io.err("mim:all: expected no change in src/mim that is not committed, found some; commit them first\n");
    return 2;
  }
  const commit = git("rev-parse", "--short=10", "HEAD");
  const rows = new Map<string, Row>();
  if (existsSync(values.out)) {
    for (const row of csvParse(readFileSync(values.out, "utf8"))) rows.set(nameOf(row.method, row.seed), row);
  }
  const wanted = values.seeds.flatMap((seed) => values.methods.map((method) => ({ method, seed })));
  const queue = wanted.filter(({ method, seed }) => values.again || !rows.has(nameOf(method, seed)));
  for (const folder of [dirname(values.out), values.pictures]) mkdirSync(folder, { recursive: true });
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{bar} {value}/{total} runs, {eta_formatted} left {now}",
  });
  bar.start(queue.length, 0, { now: "" });
  const failed: string[] = [];
  const worker = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const { method, seed } = job;
      try {
        const out = join(root, "runs/all", `${method}-${seed}`);
        rows.set(nameOf(method, seed), rowOf(job, commit, await runOf(job, out)));
        writeWhole(values.out, table(rows));
        if (seed === values.seeds[0]) keep(out, method, values.pictures);
      } catch (error) {
        failed.push(`${method}, seed ${seed}: ${(error as Error).message.trim().split("\n").at(-1)}`);
      }
      bar.increment({ now: `(${method}, seed ${seed})` });
    }
  };
  await Promise.all(Array.from({ length: values.jobs }, worker));
  bar.stop();
  for (const line of failed) io.err(`mim:all: ${line}\n`);
  return failed.length > 0 ? 1 : 0;
}

interface Options {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly jobs: number;
  readonly again: boolean;
  readonly out: string;
  readonly pictures: string;
  readonly help: boolean;
}

function options(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      methods: { type: "string" },
      seeds: { type: "string", default: "0,1,2" },
      jobs: { type: "string", default: "2" },
      again: { type: "boolean", default: false },
      out: { type: "string", default: join(root, "data/toy-results.csv") },
      pictures: { type: "string", default: join(root, "src/site/toyRuns") },
      help: { type: "boolean", default: false },
    },
  });
  const known = METHODS.map(({ id }) => id);
  const methods = values.methods?.split(",") ?? known;
  const stranger = methods.find((id) => !known.includes(id));
  if (stranger !== undefined) throw new Error(`--methods: expected names that \`mim list\` prints, found ${stranger}`);
  const numbers = (option: "seeds" | "jobs", least: number) =>
    values[option].split(",").map((text) => {
      const x = Number(text);
      if (text.trim() !== "" && Number.isSafeInteger(x) && x >= least) return x;
      throw new Error(`--${option}: expected whole numbers from ${least}, found ${text || "none"}`);
    });
  return { ...values, methods, seeds: numbers("seeds", 0), jobs: numbers("jobs", 1)[0]!, out: resolve(values.out) };
}

const nameOf = (method: unknown, seed: unknown): string => `${method} ${seed}`;
const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

async function runOf({ method, seed }: { method: string; seed: number }, out: string): Promise<RunResult> {
  const command = [join(root, "src/mim/bin.ts"), "run", method, "--seed", String(seed), "--out", out, "--json"];
  if (methodOf(method)?.toy.classifies === false) command.push("--no-probes");
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as RunResult;
}

/** A run as a row; accuracies that were not taken are empty. */
function rowOf({ method, seed }: { method: string; seed: number }, commit: string, run: RunResult): Row {
  const { trained, untrained, supervised, rawPixels } = run;
  const scores = [trained?.probe, trained?.knn, untrained?.probe, untrained?.knn, supervised?.probe, rawPixels?.probe];
  const cells = [method, seed, run.steps, run.seconds, commit, ...scores.map((score) => score?.accuracy ?? "")];
  return Object.fromEntries(COLUMNS.map((name, i) => [name, String(cells[i])]));
}

/** Rows by the package's order of methods, then by seed. */
function table(rows: ReadonlyMap<string, Row>): string {
  const place = new Map(METHODS.map(({ id }, i) => [id as string, i]));
  const sorted = [...rows.values()].sort(
    (a, b) => (place.get(a.method!) ?? 0) - (place.get(b.method!) ?? 0) || Number(a.seed) - Number(b.seed),
  );
  return `${csvFormat(sorted, COLUMNS)}\n`;
}

function keep(run: string, method: string, pictures: string): void {
  for (const [extension, name] of Object.entries(KEPT)) {
    const made = join(run, name);
    if (existsSync(made)) writeWhole(join(pictures, `${method}.${extension}`), readFileSync(made));
  }
}

if (import.meta.main) await runCommand(main);
