import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { HostTensor } from "../method.ts";
import type { HostParams } from "../nn/params.ts";
import { readSafetensors, SafetensorsError, writeSafetensors } from "../safetensors.ts";
import type { Checkpoint } from "../train/trainer.ts";

/** A run on disk: the checkpoint, its losses so far, and what run it is. */
export interface SavedRun {
  readonly checkpoint: Checkpoint;
  readonly losses: readonly number[];
  /** Method, seed, steps: a run is only resumed as itself. */
  readonly run: Readonly<Record<string, string>>;
}

const SECTIONS = ["state", "mean", "square"] as const;

/** Writes a run; parameters under their own names, so that the file is a checkpoint like any released one. */
export function saveRun(file: string, { checkpoint, losses, run }: SavedRun): void {
  const tensors: Record<string, HostTensor> = { ...checkpoint.params };
  for (const section of SECTIONS) {
    for (const [name, x] of Object.entries(checkpoint[section])) tensors[`${section}/${name}`] = x;
  }
  const data = Float64Array.from(losses);
  const bytes = writeSafetensors({
    tensors: { ...tensors, "run/losses": { shape: [data.length], data } },
    metadata: { ...run, step: String(checkpoint.step) },
  });
  writeWhole(file, bytes);
}

/** Reads a run; a file that is none is a SafetensorsError. */
export function loadRun(file: string): SavedRun {
  const { tensors, metadata } = readSafetensors(readFileSync(file));
  const { step, ...run } = metadata;
  const losses = tensors["run/losses"];
  if (step === undefined || !losses) throw new SafetensorsError("expected a run saved by mim run, found other tensors");
  const section = (prefix: string): HostParams =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, x]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), x as HostParams[string]]] : [],
      ),
    );
  const params = Object.entries(tensors).filter(([name]) => !/^(state|mean|square|run)\//.test(name));
  return {
    checkpoint: {
      step: Number(step),
      params: Object.fromEntries(params) as HostParams,
      state: section("state/"),
      mean: section("mean/"),
      square: section("square/"),
    },
    losses: Array.from(losses.data),
    run,
  };
}

/** Writes a file at once: a reader sees the old bytes or the new ones, never half. */
export function writeWhole(file: string, bytes: Uint8Array | string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, file);
}
