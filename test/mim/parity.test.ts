/** Recorded runs of the authors' code (test/golden/parity) give the same numbers through this package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { start } from "../../src/mim/ops.ts";
import { parseFixture } from "../../src/mim/parity/fixture.ts";
import { readable, runParity } from "../../src/mim/parity/run.ts";

const folder = join(import.meta.dirname, "../golden/parity");
const files = readdirSync(folder).filter((file) => readable().includes(file.replace(".json.gz", "")));

beforeAll(async () => {
  await start();
});

describe.each(files)("%s", (file) => {
  test.each(["float32", "float64"] as const)("every output and gradient agrees in %s", async (dtype) => {
    const fixture = parseFixture(gunzipSync(readFileSync(join(folder, file))).toString());
    const checks = await runParity(fixture, dtype);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
