import { type PerformanceMeasure, performance } from "node:perf_hooks";
import { traceKernels } from "../ops.ts";

/** What a kernel of the engine does, as its expression tells. */
export type KernelKind =
  | "matrix products"
  | "sums and maxima"
  | "copies to another layout"
  | "element by element"
  | "routines";

export interface KernelTime {
  readonly kind: KernelKind;
  /** Milliseconds in all, and calls. */
  readonly ms: number;
  readonly calls: number;
}

const ONE = String.raw`GV_\d+<\w+>\{[^}]*\}\[[^\]]*\]`;
const PRODUCT = new RegExp(`^\\(${ONE} \\* ${ONE}\\)$`);
const COPY = new RegExp(`^${ONE}$`);

function kindOf({ exp, reduction }: Readonly<Record<string, string>>): KernelKind {
  if (exp === undefined) return "routines";
  if (reduction !== undefined)
    return reduction.startsWith("Add") && PRODUCT.test(exp) ? "matrix products" : "sums and maxima";
  return COPY.test(exp) ? "copies to another layout" : "element by element";
}

interface Traced {
  readonly devtools: { readonly trackGroup: string; readonly properties: readonly (readonly [string, string])[] };
}

/** Time in the engine's kernels while `run` goes on, by what they do, the longest first. One thread. */
export async function kernelTimes(run: () => Promise<void>): Promise<KernelTime[]> {
  performance.clearMeasures();
  await traceKernels(run);
  const times = new Map<KernelKind, { ms: number; calls: number }>();
  for (const { detail, duration } of performance.getEntriesByType("measure") as PerformanceMeasure[]) {
    const traced = (detail as Traced | null)?.devtools;
    if (traced?.trackGroup !== "JAX Profiler") continue;
    const kind = kindOf(Object.fromEntries(traced.properties));
    const before = times.get(kind) ?? { ms: 0, calls: 0 };
    times.set(kind, { ms: before.ms + duration, calls: before.calls + 1 });
  }
  performance.clearMeasures();
  return [...times].map(([kind, time]) => ({ kind, ...time })).sort((a, b) => b.ms - a.ms);
}
