/** Times the clustering of made-up abstracts by stage, beside scikit-learn with fastcluster where Python has them. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { markdownTable } from "markdown-table";
import { type Engine, engineFor, engines, wardLinkage } from "../../src/cluster/wardLinkage.ts";
import { countTerms, type Doc } from "../../src/text/counts.ts";
import { tfidf } from "../../src/text/tfidf.ts";
import { compileKernels } from "../corpus/compileKernels.ts";
import { makeDocs } from "./makeDocs.ts";

const help = `Times the clustering of made-up abstracts, text to linkage, beside its peers.

Usage: npm run -s bench:cluster -- [options]

  --sizes LIST   documents (default: 2000,10000,20000)
  --reps N       runs in one process, of which the medians count (default: 5 to 3,000 documents, else 1)
  --rounds N     processes of each side, taking turns, of which the medians count (default: 7 to 3,000 documents, else 1)
  --impl LIST    peers: fastcluster, scipy, none (default: fastcluster, where Python has it)
  --engines LIST engines beside the one chosen by size: nn-chain, matrix-free, none (default: nn-chain)
  --python FILE  Python with scikit-learn, SciPy and fastcluster (default: python3, then /usr/bin/python3)
  --clock NAME   wall, or cpu: the processor time of all threads of the process, which a busy machine does not stretch
                 (default: wall)
  --json         figures as JSON instead of a table
  --help         this text

Each measurement is a process of its own; ours and the peer's take turns. Reading the file is left out on both sides.
Example: npm run -s bench:cluster -- --sizes 2000,4000
`;

interface Figures {
  /** Median seconds by stage. */
  readonly seconds: { readonly text: number; readonly distances: number; readonly linkage: number };
  readonly peakMemoryMB: number;
  readonly topHeight: number;
}

interface Row extends Figures {
  readonly n: number;
  readonly who: string;
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      sizes: { type: "string", default: "2000,10000,20000" },
      reps: { type: "string" },
      rounds: { type: "string" },
      impl: { type: "string", default: "fastcluster" },
      engines: { type: "string", default: "nn-chain" },
      python: { type: "string" },
      clock: { type: "string", default: "wall" },
      json: { type: "boolean", default: false },
      measure: { type: "string" }, // a documents file: this process is one measurement
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (values.measure !== undefined) {
    const engine = engines.find((name) => name === values.engines);
    process.stdout.write(JSON.stringify(measure(values.measure, Number(values.reps), engine, clocks[values.clock]!)));
    return 0;
  }
  if (!clocks[values.clock]) {
    process.stderr.write(`bench: --clock: expected wall or cpu, found ${values.clock}; see --help\n`);
    return 2;
  }
  const clock = ["--clock", values.clock];
  const folder = mkdtempSync(join(tmpdir(), "bench-cluster-"));
  const peers = values.impl.split(",").filter((name) => name !== "none");
  const python = peers.length > 0 ? pythonWith(peers, values.python) : undefined;
  if (peers.length > 0 && !python)
    process.stderr.write(`no Python with scikit-learn and ${peers.join(", ")}: no peers\n`);
  const rows: Row[] = [];
  try {
    for (const n of values.sizes.split(",").map(Number)) {
      const file = join(folder, `${n}.jsonl`);
      await writeDocs(file, n);
      const small = n <= 3000; // so short a time that another process on the machine makes a difference
      const reps = values.reps ?? (small ? "5" : "1");
      const chosen = engineFor({ nDocs: n, nTerms: 30000, nnz: 94 * n });
      const others = values.engines.split(",").filter((name) => name !== "none" && name !== chosen);
      const self = [...process.execArgv, import.meta.filename, "--measure", file, "--reps", reps, ...clock];
      const script = join(import.meta.dirname, "ward_peers.py");
      const sides = [
        ...[chosen, ...others].map((engine) => ({
          who: engine === chosen ? `${engine} (default)` : engine,
          run: () => figures(process.execPath, [...self, "--engines", engine]),
        })),
        ...(python ? peers : []).map((impl) => ({
          who: impl,
          run: () => figures(python!, [script, file, "--impl", impl, "--reps", reps, ...clock]),
        })),
      ];
      const found = sides.map((): Figures[] => []);
      for (let round = 0; round < Number(values.rounds ?? (small ? 7 : 1)); round++) {
        for (const [i, { who, run }] of sides.entries()) {
          process.stderr.write(`${n} documents, ${who}, load ${loadavg()[0]!.toFixed(1)}\n`);
          found[i]!.push(run());
        }
      }
      rows.push(...sides.map(({ who }, i) => ({ n, who, ...medians(found[i]!) })));
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : tables(rows, peers));
  return 0;
}

/** Milliseconds, by name. */
const clocks: Readonly<Record<string, () => number>> = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** One process's figures; texts are in memory before the clock starts. */
function measure(file: string, reps: number, engine: Engine | undefined, clock: () => number): Figures {
  const docs: Doc[] = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => ({ text: (JSON.parse(line) as { text: string }).text }));
  compileKernels();
  const runs = { text: [] as number[], distances: [] as number[], linkage: [] as number[] };
  let topHeight = 0;
  for (let rep = 0; rep < reps; rep++) {
    const spent = { text: 0, distances: 0, linkage: 0 };
    let stage: keyof typeof spent = "text";
    let since = clock();
    const begin = (name: keyof typeof spent) => {
      const now = clock();
      spent[stage] += now - since;
      since = now;
      stage = name;
    };
    const { X } = tfidf(countTerms(docs, { stem: false }));
    begin("distances");
    const Z = wardLinkage(X, { engine, stage: begin });
    begin("text");
    topHeight = Z.at(-1)![2];
    for (const name of ["text", "distances", "linkage"] as const) runs[name].push(spent[name] / 1000);
  }
  return {
    seconds: { text: median(runs.text), distances: median(runs.distances), linkage: median(runs.linkage) },
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    topHeight,
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Of each figure the median; the height is the same in all. */
function medians(runs: readonly Figures[]): Figures {
  const of = (figure: (run: Figures) => number): number => median(runs.map(figure));
  return {
    seconds: {
      text: of(({ seconds }) => seconds.text),
      distances: of(({ seconds }) => seconds.distances),
      linkage: of(({ seconds }) => seconds.linkage),
    },
    peakMemoryMB: of(({ peakMemoryMB }) => peakMemoryMB),
    topHeight: of(({ topHeight }) => topHeight),
  };
}

function figures(command: string, args: string[]): Figures {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: expected exit code 0, found ${status}\n${stderr}`);
  return JSON.parse(stdout) as Figures;
}

function pythonWith(peers: readonly string[], given: string | undefined): string | undefined {
  const modules = ["sklearn", ...peers].map((name) => `import ${name}`).join("\n");
  return (given ? [given] : ["python3", "/usr/bin/python3"]).find(
    (python) => spawnSync(python, ["-c", modules]).status === 0,
  );
}

async function writeDocs(file: string, n: number): Promise<void> {
  const stream = createWriteStream(file);
  for (const doc of makeDocs(n)) {
    if (!stream.write(`${JSON.stringify(doc)}\n`)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}

const total = ({ seconds }: Figures): number => seconds.text + seconds.distances + seconds.linkage;

function tables(rows: readonly Row[], peers: readonly string[]): string {
  const seconds = (x: number) => (x < 0.1 ? x.toFixed(4) : x < 10 ? x.toFixed(3) : x.toFixed(1));
  const times = (x: number) => `${x.toFixed(1)} ×`;
  const body = rows.map((row) => {
    const peer = rows.find((other) => other.n === row.n && other.who === peers[0] && other !== row);
    const ratios = peer
      ? [
          total(peer) / total(row),
          peer.seconds.linkage / row.seconds.linkage,
          peer.peakMemoryMB / row.peakMemoryMB,
        ].map(times)
      : ["", "", ""];
    const stages = [row.seconds.text, row.seconds.distances, row.seconds.linkage, total(row)].map(seconds);
    return [
      row.n.toLocaleString("en"),
      row.who,
      ...stages,
      String(row.peakMemoryMB),
      ...ratios,
      row.topHeight.toFixed(6),
    ];
  });
  // biome-ignore format: one row of headings
  const head = ["documents", "", "text, s", "distances, s", "linkage, s", "sum, s", "peak MB",
    "sum, faster than peer", "linkage, faster", "memory, less", "top height"];
  const sizes = [...new Set(rows.map((row) => row.n))];
  const growth = [...new Set(rows.map((row) => row.who.replace(" (default)", "")))].map((who) => {
    const own = rows.filter((row) => row.who.replace(" (default)", "") === who);
    const steps = own.slice(1).map((row, i) => {
      const [from, to] = [own[i]!, row];
      const exponent = (a: number, b: number) => (Math.log(b / a) / Math.log(to.n / from.n)).toFixed(2);
      return `${exponent(total(from), total(to))}, ${exponent(from.peakMemoryMB, to.peakMemoryMB)}`;
    });
    return [who, ...steps, ...new Array<string>(Math.max(0, sizes.length - 1 - steps.length)).fill("")];
  });
  const growthHead = [
    "",
    ...sizes.slice(1).map((n, i) => `${sizes[i]!.toLocaleString("en")} to ${n.toLocaleString("en")}`),
  ];
  const grown =
    sizes.length > 1 ? `\nGrowth, as exponents of n: time, memory\n\n${markdownTable([growthHead, ...growth])}\n` : "";
  return `${markdownTable([head, ...body])}\n${grown}`;
}

process.exitCode = await main(process.argv.slice(2));
