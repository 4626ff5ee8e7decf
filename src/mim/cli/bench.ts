import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import type { HostInputs } from "../method.ts";
import type { MaeConfig } from "../methods/mae.ts";
import type { KernelTime } from "../node/kernelTimes.ts";
import { useThreads } from "../node/threads.ts";
import { keyOf, normals } from "../toy/random.ts";
import { type Io, UsageError, wholeNumber } from "./io.ts";

const help = `Measures training steps a second of MAE, beside PyTorch on the same machine in the same minute.

Usage: mim bench [--config A|B] [--steps N] [--threads 1|2] [--peer FILE] [--python PATH] [--profile] [--json]

  --config   A: 32x32x3, patch 4, batch 32, 923k parameters; B: 32x32x1, patch 8, batch 16, 123k (default: both)
  --steps    steps of each (default: 40 for A, 200 for B); the first ten are left out
  --threads  of this package (default: 1); PyTorch takes one
  --peer     the peer's script (default: scripts/bench/mae_torch.py)
  --python   Python with PyTorch (default: python3); without it only our side is measured
  --profile  where our time goes: ten more steps with the engine's kernels timed, by what they do; one thread

Example: mim bench --config B --python /usr/bin/python3
`;

const SHARED = { imageSize: [32, 32], eps: 1e-6, activation: "geluTanh", maskRatio: 0.75, classToken: false } as const;
const CONFIGS: Readonly<Record<string, { batch: number; steps: number; config: MaeConfig }>> = {
  A: {
    batch: 32,
    steps: 40,
    config: {
      ...SHARED,
      normalizedTarget: true,
      patchSize: 4,
      channels: 3,
      ...{ dim: 128, depth: 4, heads: 4, decoderDim: 64, decoderDepth: 2, decoderHeads: 4 },
    },
  },
  B: {
    batch: 16,
    steps: 200,
    config: {
      ...SHARED,
      normalizedTarget: true,
      patchSize: 8,
      channels: 1,
      ...{ dim: 64, depth: 2, heads: 4, decoderDim: 32, decoderDepth: 1, decoderHeads: 4 },
    },
  },
};
const BATCHES = 16;
const PROFILED_STEPS = 10;

interface Measured {
  readonly config: string;
  readonly threads: number;
  readonly medianMs: number;
  readonly p10Ms: number;
  readonly peerMedianMs?: number;
  readonly peerP10Ms?: number;
  /** Our speed over the peer's, by medians. */
  readonly ratio?: number;
  readonly profile?: Profile;
}

/** Of the profiled steps, which timing makes slower: milliseconds a step, in all and by kind of kernel. */
interface Profile {
  readonly stepMs: number;
  readonly kernels: readonly KernelTime[];
}

export async function bench(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: "string" },
      steps: { type: "string" },
      threads: { type: "string", default: "1" },
      peer: { type: "string", default: "scripts/bench/mae_torch.py" },
      python: { type: "string", default: "python3" },
      profile: { type: "boolean", default: false },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const names = values.config === undefined ? Object.keys(CONFIGS) : [values.config];
  const threads = wholeNumber("threads", values.threads, 1)!;
  const steps = wholeNumber("steps", values.steps, 20);
  if (values.profile && threads > 1) throw new UsageError("--profile: expected --threads 1, found more");
  if (threads > 1) useThreads(threads);
  const rows: Measured[] = [];
  for (const name of names) {
    const chosen = CONFIGS[name];
    if (!chosen) throw new UsageError(`--config: expected A or B, found ${name}`);
    const taken = steps ?? chosen.steps;
    const [peer, ours, again] = [
      await measurePeer(values.python, values.peer, name, taken, io),
      await measureOurs(chosen.config, chosen.batch, taken, values.profile),
      await measurePeer(values.python, values.peer, name, taken, io),
    ];
    const faster = peer && again && (peer.medianMs < again.medianMs ? peer : again);
    rows.push({
      config: name,
      threads,
      ...ours,
      ...(faster && {
        peerMedianMs: faster.medianMs,
        peerP10Ms: faster.p10Ms,
        ratio: faster.medianMs / ours.medianMs,
      }),
    });
  }
  if (values.json) io.out(`${JSON.stringify(rows, null, 2)}\n`);
  else for (const row of rows) io.out(`${line(row)}\n${row.profile ? profileTable(row.profile) : ""}`);
  return 0;
}

function line({ config, threads, medianMs, p10Ms, peerMedianMs, peerP10Ms, ratio }: Measured): string {
  const ours = `config ${config}, ${threads} thread${threads > 1 ? "s" : ""}: ${speed(medianMs)} (p10 ${p10Ms.toFixed(1)} ms)`;
  if (ratio === undefined) return `${ours}; no PyTorch to compare with`;
  return `${ours}; PyTorch, 1 thread: ${speed(peerMedianMs!)} (p10 ${peerP10Ms!.toFixed(1)} ms); ratio ${(100 * ratio).toFixed(0)} %`;
}

/** Kernels' shares of a step; the rest is the host: tracing, dispatch, masks, uploads. */
function profileTable({ stepMs, kernels }: Profile): string {
  const inKernels = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const rest = { kind: "outside kernels", ms: stepMs - inKernels, calls: 0 };
  const rows = [...kernels, rest].map(({ kind, ms, calls }) => {
    const share = `${((100 * ms) / stepMs).toFixed(0)} %`;
    return `  ${kind.padEnd(24)} ${ms.toFixed(1).padStart(7)} ms ${share.padStart(5)}${calls ? `  ${calls.toFixed(0)} calls` : ""}`;
  });
  return `${rows.join("\n")}\n`;
}

const speed = (ms: number) => `${(1000 / ms).toFixed(1)} steps/s, median ${ms.toFixed(1)} ms`;

async function measureOurs(
  config: MaeConfig,
  N: number,
  steps: number,
  profiled: boolean,
): Promise<{ medianMs: number; p10Ms: number; profile?: Profile }> {
  const { start } = await import("../ops.ts"); // all that touches the engine comes after useThreads
  const { mae } = await import("../methods/mae.ts");
  const { startingPoint, trainer } = await import("../train/trainer.ts");
  await start();
  const key = keyOf(0);
  const size = N * config.channels * 32 * 32;
  const batches: HostInputs[] = Array.from({ length: BATCHES }, (_, i) => ({
    images: { shape: [N, config.channels, 32, 32], data: Float32Array.from(normals([1, i], size)) },
  }));
  const t = trainer(mae, config, { steps, lr: 1e-3 }, startingPoint(mae, config, key), key);
  const times: number[] = [];
  for (let s = 0; s < steps; s++) {
    const from = performance.now();
    await t.step(batches[s % BATCHES]!);
    times.push(performance.now() - from);
  }
  const profile = profiled ? await profileOf(PROFILED_STEPS, (s) => t.step(batches[s % BATCHES]!)) : undefined;
  t.dispose();
  const sorted = times.slice(10).sort((a, b) => a - b);
  return {
    medianMs: sorted[sorted.length >> 1]!,
    p10Ms: sorted[Math.floor(sorted.length / 10)]!,
    ...(profile && { profile }),
  };
}

async function profileOf(steps: number, step: (s: number) => Promise<unknown>): Promise<Profile> {
  const { kernelTimes } = await import("../node/kernelTimes.ts");
  let elapsed = 0;
  const traced = await kernelTimes(async () => {
    const from = performance.now();
    for (let s = 0; s < steps; s++) await step(s);
    elapsed = performance.now() - from;
  });
  const kernels = traced.map(({ kind, ms, calls }) => ({ kind, ms: ms / steps, calls: calls / steps }));
  return { stepMs: elapsed / steps, kernels };
}

async function measurePeer(
  python: string,
  peer: string,
  config: string,
  steps: number,
  io: Io,
): Promise<{ medianMs: number; p10Ms: number } | undefined> {
  try {
    const { stdout } = await promisify(execFile)(python, [peer, config, "--steps", String(steps), "--threads", "1"]);
    const { median_ms, p10_ms } = JSON.parse(stdout) as { median_ms: number; p10_ms: number };
    return { medianMs: median_ms, p10Ms: p10_ms };
  } catch (error) {
    io.err(`mim bench: no peer: ${(error as Error).message.split("\n").at(-2) ?? (error as Error).message}\n`);
    return undefined;
  }
}
