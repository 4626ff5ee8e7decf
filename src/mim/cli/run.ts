import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import type { AnyMethod } from "../methods/all.ts";
import { loadRun, saveRun, writeWhole } from "../node/checkpointFile.ts";
import { lossCurve } from "../node/lossCurve.ts";
import { pictureGrid } from "../node/pictureGrid.ts";
import { start } from "../ops.ts";
import { SafetensorsError } from "../safetensors.ts";
import { fold, keyOf } from "../toy/random.ts";
import { displayed, examplesOf, POOL } from "../train/examples.ts";
import { pool, rowsOf } from "../train/pool.ts";
import { type Examples, type ProbeScores, probeScores, rawPixelScores } from "../train/probes.ts";
import { supervised } from "../train/supervised.ts";
import { type Checkpoint, startingPoint, type Trainer, trainer } from "../train/trainer.ts";
import { trainTeachers } from "../train/trainTeachers.ts";
import { type Io, UsageError, wholeNumber } from "./io.ts";
import { methodArgument } from "./methodArgument.ts";

const help = `Trains a method on the toy world, then measures what its encoder has learned.

Usage: mim run METHOD [--seed N] [--steps N] [--out DIR] [--resume] [--no-probes] [--set NAME=VALUE]... [--json]

  --seed       seed of data, parameters and masks (default: 0)
  --steps      training steps (default: the method's preset)
  --out        folder for checkpoint.safetensors, loss.svg, pictures.png, result.json (default: runs/METHOD)
  --resume     go on from the checkpoint in the folder, to the same numbers as a run that was never stopped
  --no-probes  leave out linear probe and k-NN
  --set        another value of a number of the preset's configuration, such as maskRatio=0.5
  --json       the result as JSON on stdout

The probes compare the encoder with itself untrained, with the same encoder trained on labels, and with raw pixels.
Exit code 0: done. 2: wrong usage, or a checkpoint of another run.
Example: mim run mae --steps 200 --seed 1 --out runs/mae
`;

const CLASSES = 10;
/** Examples that a probe learns from, and as many that judge it; clips and clouds take longer to make and to encode. */
const PROBED = 500;
const PROBED_CLIPS = 250;
const SAVE_EVERY = 50;
/** How the supervised encoder is trained, whatever the method's preset. */
const SUPERVISED = { batch: 32, steps: 80, lr: 3e-3 };

/** Probes of the encoder, and what they are measured against. */
export interface Scores {
  readonly trained: ProbeScores;
  readonly untrained: ProbeScores;
  readonly supervised: ProbeScores;
  readonly rawPixels: ProbeScores;
}

export async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      seed: { type: "string" },
      steps: { type: "string" },
      out: { type: "string" },
      resume: { type: "boolean", default: false },
      probes: { type: "boolean", default: true },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const method = methodArgument(positionals[0]);
  const seed = wholeNumber("seed", values.seed) ?? 0;
  const steps = wholeNumber("steps", values.steps, 1) ?? method.toy.steps;
  const out = values.out ?? join("runs", method.id);
  const config = configured(method, values.set);
  const began = performance.now();

  const which = { method: method.id, seed: String(seed), steps: String(steps), config: JSON.stringify(config) };
  const file = join(out, "checkpoint.safetensors");
  const key = fold(keyOf(seed), method.id);
  await start();
  const from = values.resume ? resumed(file, which) : undefined;
  mkdirSync(out, { recursive: true });

  const { modality, batch, lr } = method.toy;
  const size = (config as { imageSize?: readonly number[] }).imageSize?.[0] ?? 32;
  const examples = examplesOf(modality, { seed, start: 0, n: POOL, size }).inputs;
  const batches = pool(examples, batch, fold(key, "order"));
  const untaught = () => trainTeachers(method, config, startingPoint(method, config, key), batches.batch, key);
  const training = trainer(
    method,
    config,
    { steps, lr },
    from?.checkpoint ?? (await untaught()),
    fold(key, "training"),
  );
  const losses = [...(from?.losses ?? [])];
  await train(training, batches.batch, losses, steps, method.title, async (checkpoint) =>
    saveRun(file, { checkpoint, losses, run: which }),
  );
  writeWhole(join(out, "loss.svg"), lossCurve(losses, { title: `${method.title}, seed ${seed}` }));
  const shown = rowsOf(examples, [0, 1, 2, 3, 4, 5, 6, 7].slice(0, batch));
  const { whole = shown.images, masked, reconstruction } = await training.look(shown);
  const rows = [whole, masked, reconstruction].filter((x) => x !== undefined);
  if (rows.length > 1) writeWhole(join(out, "pictures.png"), pictureGrid(rows.map(displayed)));
  const scores = values.probes ? await probes(method, config, training, { seed, size, steps, lr }) : undefined;
  training.dispose();

  const result = {
    method: method.id,
    seed,
    steps,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
    ...scores,
  };
  writeWhole(join(out, "result.json"), `${JSON.stringify(result, null, 2)}\n`);
  io.out(values.json ? `${JSON.stringify(result, null, 2)}\n` : report(result, scores, out));
  return 0;
}

/** The preset's configuration with some of its numbers changed. */
function configured(method: AnyMethod, changes: readonly string[]): Record<string, unknown> {
  const config: Record<string, unknown> = { ...method.toy.config };
  for (const change of changes) {
    const [name = "", text = ""] = change.split("=");
    const value = Number(text);
    if (typeof config[name] !== "number") {
      const names = Object.keys(config).filter((key) => typeof config[key] === "number");
      throw new UsageError(`--set: expected one of ${names.join(", ")}, found ${name}`);
    }
    if (text.trim() === "" || !Number.isFinite(value)) {
      throw new UsageError(`--set ${name}: expected a number, found ${text}`);
    }
    if (/ratio$/i.test(name) && name !== "mlpRatio" && !(value > 0 && value < 1)) {
      throw new UsageError(`--set ${name}: expected a share in (0, 1), found ${text}; write 0.75 for 75 %`);
    }
    config[name] = value;
  }
  return config;
}

function resumed(file: string, which: Readonly<Record<string, string>>) {
  if (!existsSync(file)) throw new UsageError(`--resume: expected ${file}, found none; run without --resume first`);
  try {
    const saved = loadRun(file);
    for (const [name, value] of Object.entries(which)) {
      if (saved.run[name] !== value) {
        throw new UsageError(`--resume: ${file}: expected a run of ${name} ${value}, found ${saved.run[name]}`);
      }
    }
    return saved;
  } catch (error) {
    if (error instanceof SafetensorsError) throw new UsageError(`--resume: ${file}: ${error.message}`);
    throw error;
  }
}

async function train(
  training: Trainer,
  batch: (step: number) => Parameters<Trainer["step"]>[0],
  losses: number[],
  steps: number,
  title: string,
  save: (checkpoint: Checkpoint) => Promise<void>,
): Promise<void> {
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${title} {bar} {value}/{total} steps, loss {loss}, {eta} s left`,
    hideCursor: true,
    noTTYOutput: false,
  });
  bar.start(steps, losses.length, { loss: "" });
  for (let step = losses.length; step < steps; step++) {
    const loss = await training.step(batch(step));
    losses.push(loss);
    bar.update(step + 1, { loss: loss.toFixed(4) });
    if ((step + 1) % SAVE_EVERY === 0 || step + 1 === steps) await save(await training.checkpoint());
  }
  bar.stop();
}

async function probes(
  method: AnyMethod,
  config: Record<string, unknown>,
  training: Trainer,
  { seed, size, steps, lr }: { seed: number; size: number; steps: number; lr: number },
): Promise<Scores> {
  const { modality } = method.toy;
  const n = modality === "video" || modality === "points" ? PROBED_CLIPS : PROBED;
  const seen: Examples = examplesOf(modality, { seed, start: 100_000, n, size });
  const unseen: Examples = examplesOf(modality, { seed, start: 200_000, n, size });
  const key = fold(keyOf(seed), method.id);
  const options = { steps, lr };
  const fresh = trainer(method, config, options, startingPoint(method, config, key), key);
  const untrained = await probeScores(fresh.encode, seen, unseen);
  const width = (await fresh.encode(rowsOf(seen.inputs, [0]))).shape[1]!;
  fresh.dispose();

  const labelled = supervised(method, width, CLASSES);
  const taught = trainer(labelled, config, SUPERVISED, startingPoint(labelled, config, key), key);
  const labels = { shape: [seen.labels.length], data: seen.labels };
  const batches = pool({ ...seen.inputs, labels }, SUPERVISED.batch, fold(key, "labelled order"));
  for (let step = 0; step < SUPERVISED.steps; step++) await taught.step(batches.batch(step));
  const scores = {
    trained: await probeScores(training.encode, seen, unseen),
    untrained,
    supervised: await probeScores(taught.encode, seen, unseen),
    rawPixels: await rawPixelScores(seen, unseen),
  };
  taught.dispose();
  return scores;
}

function report(result: Readonly<Record<string, unknown>>, scores: Scores | undefined, out: string): string {
  const { method, seed, steps, seconds, firstLoss, lastLoss } = result;
  const percent = ({ accuracy, standardError }: ProbeScores["probe"]) =>
    `${(100 * accuracy).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %`;
  const lines = [`${method}, seed ${seed}: ${steps} steps in ${seconds} s, loss ${firstLoss} to ${lastLoss}`];
  for (const [name, { probe, knn }] of Object.entries(scores ?? {})) {
    lines.push(`${name.padEnd(10)}  linear probe ${percent(probe)}, k-NN ${percent(knn)}`);
  }
  return `${[...lines, `written to ${out}`].join("\n")}\n`;
}
