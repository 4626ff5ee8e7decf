import { parseArgs } from "node:util";
import type { Recipe } from "../method.ts";
import { algorithmOf } from "../surveyAlgorithms.ts";
import type { Io } from "./io.ts";
import { methodArgument } from "./methodArgument.ts";

const help = `Shows a method: recipe, published hyper-parameters, source, proof, toy preset.

Usage: mim show METHOD [--json]

Example: mim show mae
`;

/** The four axes of a recipe, in the survey's order. */
export const AXES = ["masking", "target", "objective", "architecture"] as const satisfies (keyof Recipe)[];

export function show(args: string[], io: Io): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const method = methodArgument(positionals[0]);
  const { id, title, paper, source, algorithm = null, recipe, published, evidence, toy } = method;
  if (values.json) {
    io.out(`${JSON.stringify({ id, title, paper, source, algorithm, recipe, published, evidence, toy }, null, 2)}\n`);
    return 0;
  }
  io.out(`${title} (${id})${paper ? `, ${paper}` : ""}\n${source}\n`);
  const runs = algorithmOf(method);
  if (runs) io.out(`Runs Algorithm ${runs.number} of the survey, ${runs.title}  [${runs.file}]\n`);
  io.out("\nRecipe\n");
  for (const axis of AXES) io.out(`  ${axis.padEnd(12)}  ${recipe[axis].does}  [${recipe[axis].file}]\n`);
  io.out("\nPublished\n");
  for (const [name, { value, source: place }] of Object.entries(published)) {
    io.out(`  ${name}: ${value}  (${place})\n`);
  }
  io.out(`\nLevel: ${evidence.level} (${evidence.proof})\n`);
  io.out(`Toy preset: ${toy.modality}, ${toy.steps} steps of ${toy.batch}, learning rate ${toy.lr}\n`);
  return 0;
}
