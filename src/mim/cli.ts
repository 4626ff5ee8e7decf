/** The command line: each command is a file of cli/ that takes its arguments and streams and returns an exit code. */
import { type Io, UsageError } from "./cli/io.ts";

type Command = (args: string[], io: Io) => number | Promise<number>;

/** Each is loaded when it is called: bench has to prepare threads before anything imports the engine. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  list: async () => (await import("./cli/list.ts")).list,
  show: async () => (await import("./cli/show.ts")).show,
  compare: async () => (await import("./cli/compare.ts")).compare,
  run: async () => (await import("./cli/run.ts")).run,
  parity: async () => (await import("./cli/parity.ts")).parity,
  bench: async () => (await import("./cli/bench.ts")).bench,
};

const help = `Masked image modeling methods that train on a laptop.

Usage: mim <command> [options]

  list                     the methods, their papers and how well each is proven
  show METHOD              its recipe, published hyper-parameters and source
  compare METHOD METHOD    how two recipes differ
  run METHOD               train on the toy world; loss curve, pictures, probes
  parity FILE              run a recorded run of the authors' code through this package
  bench                    training steps a second, beside PyTorch where Python has it

Each command has --help. Exit code 0: done. 1: a comparison or a run failed. 2: wrong usage or bad input.
Example: mim run mae --steps 200 --out runs/mae
`;

/** Runs the command line; resolves to the exit code. */
export async function main(args: string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "help") {
    io.out(help);
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS[name];
  try {
    if (!command) {
      throw new UsageError(`expected a command (${Object.keys(COMMANDS).join(", ")}), found ${name}; see mim --help`);
    }
    return await (await command())(rest, io);
  } catch (error) {
    if (!(error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS"))) throw error;
    io.err(`mim${command ? ` ${name}` : ""}: ${(error as Error).message}\n`);
    return 2;
  }
}
