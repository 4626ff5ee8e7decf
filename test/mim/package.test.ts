/** What npm publishes installs into an empty project and runs there, the README's program included. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const source = join(root, "src/mim");

test("the built package lists its methods and runs its README's program", () => {
  const project = mkdtempSync(join(tmpdir(), "mim-package-"));
  try {
    const run = (command: string, args: string[], cwd: string) =>
      execFileSync(command, args, { cwd, encoding: "utf8" });
    run(join(root, "node_modules/.bin/tsc"), ["--project", "tsconfig.json"], source);
    const [tarball] = run("npm", ["pack", "--silent", "--pack-destination", project], source).trim().split("\n");
    run("tar", ["xzf", tarball!], project);
    const installed = join(project, "node_modules/masked-image-modeling");
    mkdirSync(join(project, "node_modules/@jax-js"), { recursive: true });
    cpSync(join(project, "package"), installed, { recursive: true });
    for (const dependency of ["@jax-js/jax", "cli-progress", "fast-png", "iobuffer", "fflate", "string-width"]) {
      symlinkSync(join(root, "node_modules", dependency), join(project, "node_modules", dependency));
    }
    expect(run("node", [join(installed, "dist/bin.js"), "list"], project)).toMatch(
      /^mae +MAE +he2022mae +parity +Algorithm 1$/m,
    );

    const program = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(source, "README.md"), "utf8"))![1]!;
    writeFileSync(join(project, "program.mjs"), program.replaceAll("100", "3").replaceAll("n: 32", "n: 4"));
    const losses = run("node", ["program.mjs"], project).trim().split("\n");
    expect(losses).toHaveLength(3);
    for (const line of losses) expect(Number(line.split(" ")[1])).toBeGreaterThan(0);
  } finally {
    rmSync(project, { recursive: true });
  }
}, 120_000);
