import { parseArgs } from "node:util";
import { METHODS } from "../methods/all.ts";
import type { Io } from "./io.ts";

const help = `Lists the methods: name, title, paper, level of proof, and which algorithm of the survey it runs, if one.

Usage: mim list [--json]

Levels: parity, equal to the authors' code on a recorded run; mechanism, the property that sets the method apart is tested.
Example: mim list --json
`;

export function list(args: string[], io: Io): number {
  const { values } = parseArgs({ args, options: { json: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const rows = METHODS.map(({ id, title, paper, evidence, algorithm = null, recipe }) => ({
    id,
    title,
    paper,
    ...evidence,
    algorithm,
    recipe,
  }));
  if (values.json) {
    io.out(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const width = (key: "id" | "title" | "paper") => Math.max(...rows.map((row) => (row[key] ?? "").length));
  const [id, title, paper] = [width("id"), width("title"), width("paper")];
  for (const row of rows) {
    const line = [row.id.padEnd(id), row.title.padEnd(title), (row.paper ?? "").padEnd(paper), row.level.padEnd(9)];
    io.out(`${[...line, row.algorithm ? `Algorithm ${row.algorithm}` : ""].join("  ").trimEnd()}\n`);
  }
  return 0;
}
