/** Builds build/atlas.db from data/ and the package's methods. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildKb } from "../src/kb/build.ts";
import { kbFile } from "../src/kb/kbFile.ts";
import { DataError } from "../src/kb/problem.ts";
import { implementations } from "./implementations.ts";
import { type Io, runCommand } from "./runCommand.ts";

const help = `Builds the knowledge base from data/ and the methods of the package in src/mim.

Usage: npm run ingest -- [--root DIR] [--out FILE]

  --root DIR   project whose data/ is read (default: this folder)
  --out FILE   database to write (default: ${kbFile}); the old one stays when the data has a problem
  --help       this text

Exit code 0: built. 1: problems in the data, one a line, or no place to write. 2: wrong usage.
Example: npm run ingest -- --out my-atlas.db
`;

/** Runs the command; returns its exit code. */
export function main(args: string[], io: Io): number {
  let options: { root: string; out?: string | undefined; help: boolean };
  try {
    options = parseArgs({
      args,
      options: {
        root: { type: "string", default: "." },
        out: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values as typeof options;
  } catch (error) {
    io.err(`ingest: ${(error as Error).message}; see --help\n`);
    return 2;
  }
  if (options.help) {
    io.out(help);
    return 0;
  }
  const root = resolve(options.root);
  const file = options.out ? resolve(options.out) : resolve(root, kbFile);
  try {
    buildKb(root, file, implementations);
  } catch (error) {
    if (!(error instanceof DataError)) {
      if (!(error as { code?: string }).code) throw error;
      io.err(
        `ingest: ${file}: expected a place to write, found ${(error as Error).message}; name another with --out\n`,
      );
      return 1;
    }
    io.err(
      `${error.message}\n${error.problems.length} problem${error.problems.length === 1 ? "" : "s"}; the database was left as it was\n`,
    );
    return 1;
  }
  return 0;
}

if (import.meta.main) await runCommand(main);
