/** Where a command writes. */
export interface Io {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Runs a command on the process's arguments and streams. A reader that stops early, as `head` does, is no error. */
export async function runCommand(main: (args: string[], io: Io) => number | Promise<number>): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      throw error;
    });
  }
  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
