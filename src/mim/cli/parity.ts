import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { start } from "../ops.ts";
import type { Check, RunDType } from "../parity/compare.ts";
import { ParityError, parseFixture } from "../parity/fixture.ts";
import { runParity } from "../parity/run.ts";
import { type Io, UsageError } from "./io.ts";

const help = `Runs a recorded run of the authors' code (schema mim-parity/1) through this package: the recorded parameters, inputs
and random draws go in, and every recorded output and gradient is compared.

Usage: mim parity FILE [--dtype float32|float64] [--json]

  FILE      a recording in JSON, compressed by gzip or not
  --dtype   numbers to compute with (default: float32)
  --json    every comparison as JSON: name, precision, largest absolute and relative error, ok; ours, where the recording
            calls a tensor by a name of its own and one of ours equals it

Allowed, |ours - theirs|: 1e-4 relative + 1e-5 in float32, 1e-3 + 1e-5 for gradients; 1e-6 + 1e-7 in float64; masks and
indices exactly.
Exit code 0: all agree. 1: some differ. 2: a method, option or parameter that is not known, or a bad file.
Example: mim parity test/golden/parity/mae.json.gz
`;

export async function parity(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { dtype: { type: "string", default: "float32" }, json: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    io.out(help);
    return 0;
  }
  const [file] = positionals;
  if (file === undefined) throw new UsageError("expected a file, found none; see mim parity --help");
  if (values.dtype !== "float32" && values.dtype !== "float64") {
    throw new UsageError(`--dtype: expected float32 or float64, found ${values.dtype}`);
  }
  const dtype: RunDType = values.dtype;
  await start();
  const checks = await checksOf(file, dtype);
  const differ = checks.filter(({ ok }) => !ok);
  if (values.json) {
    io.out(`${JSON.stringify({ file, dtype, ok: differ.length === 0, checks: checks.map(finite) }, null, 2)}\n`);
  } else {
    for (const { name, precision, maxAbs, maxRel, problem } of differ) {
      io.out(`differs: ${name} (${precision}): ${problem ?? `${maxAbs} absolute, ${maxRel} relative`}\n`);
    }
    io.out(`${file}: ${checks.length - differ.length} of ${checks.length} comparisons agree in ${dtype}\n`);
  }
  return differ.length === 0 && checks.length > 0 ? 0 : 1;
}

async function checksOf(file: string, dtype: RunDType): Promise<Check[]> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
  } catch (error) {
    throw new UsageError(`${file}: expected a readable recording, found ${(error as Error).message}`);
  }
  try {
    return await runParity(parseFixture(bytes.toString("utf8")), dtype);
  } catch (error) {
    // A RangeError is a shape that does not fit: the recording's tensors are the only ones there are.
    if (error instanceof ParityError || error instanceof RangeError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** JSON has no infinity: an error that cannot be measured is null. */
const finite = (check: Check) => ({
  ...check,
  maxAbs: Number.isFinite(check.maxAbs) ? check.maxAbs : null,
  maxRel: Number.isFinite(check.maxRel) ? check.maxRel : null,
});
