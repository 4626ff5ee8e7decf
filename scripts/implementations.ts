/** The package's own list of methods as the knowledge base takes it. */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Implementation } from "../src/kb/implementations.ts";
import { type AnyMethod, METHODS } from "../src/mim/methods/all.ts";

const folder = new URL("../src/mim/methods/", import.meta.url);
const files = readdirSync(folder).filter((file) => file !== "all.ts");
const modules = await Promise.all(
  files.map(async (file) => ({
    file,
    exported: (await import(new URL(file, folder).href)) as Record<string, unknown>,
  })),
);

/** Every method with the file and the export that hold it. */
export const implementations: readonly Implementation[] = METHODS.map((method) => ({
  id: method.id,
  title: method.title,
  level: method.evidence.level,
  ...placeOf(method),
  source: method.source,
  proof: method.evidence.proof,
  ...(method.evidence.proof.endsWith(".json.gz") && { recording: recordingOf(method.evidence.proof) }),
  paper: method.paper,
  modality: method.toy.modality,
  steps: method.toy.steps,
  pictures: method.pictures !== undefined,
  classifies: method.toy.classifies !== false,
  ...(method.toy.tried !== undefined && { tried: method.toy.tried }),
  parts: (["masking", "target", "objective", "architecture"] as const).map((axis) => ({
    axis,
    file: `${method.recipe[axis].file}.ts`,
    does: method.recipe[axis].does,
  })),
  parameters: Object.entries(method.published).map(([name, { value, source }]) => ({
    name,
    value: String(value),
    source,
  })),
}));

interface Recorded {
  checks: string;
  source: [{ repo: string; commit: string; entry: string }];
}

function recordingOf(proof: string): Implementation["recording"] {
  const file = new URL(`../${proof}`, import.meta.url);
  const { checks, source } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Recorded;
  const [{ repo, commit, entry }] = source;
  return { repository: repo, revision: commit, entry, checks };
}

function placeOf(method: AnyMethod): { module: string; method: string } {
  for (const { file, exported } of modules) {
    const name = Object.keys(exported).find((key) => exported[key] === method);
    if (name) return { module: `methods/${file}`, method: name };
  }
  throw new Error(`${method.id}: expected an export of a file in methods/, found none`);
}
