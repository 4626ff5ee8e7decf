import { parseArgs } from "node:util";
import type { Io } from "./io.ts";
import { methodArgument } from "./methodArgument.ts";
import { AXES } from "./show.ts";

const help = `Compares the recipes of two methods, axis by axis.

Usage: mim compare METHOD METHOD [--json]

Example: mim compare mae simmim
`;

export function compare(args: string[], io: Io): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const [a, b] = [methodArgument(positionals[0]), methodArgument(positionals[1])];
  const axes = AXES.map((axis) => {
    const [left, right] = [a.recipe[axis], b.recipe[axis]];
    return { axis, same: left.file === right.file && left.does === right.does, [a.id]: left, [b.id]: right };
  });
  if (values.json) {
    io.out(`${JSON.stringify(axes, null, 2)}\n`);
    return 0;
  }
  for (const { axis, same } of axes) {
    const [left, right] = [a.recipe[axis], b.recipe[axis]];
    if (same) io.out(`${axis}: both ${left.does}  [${left.file}]\n`);
    else io.out(`${axis}:\n  ${a.id}: ${left.does}  [${left.file}]\n  ${b.id}: ${right.does}  [${right.file}]\n`);
  }
  return 0;
}
