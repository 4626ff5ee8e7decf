/**
 * Methods against independent PyTorch 1.13 models (scripts/golden/torch, which say what they are): every output, loss and
 * gradient. This finds differences; only runs of the authors' code (parity.test.ts) prove parity with a release.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { start } from "../../src/mim/ops.ts";
import { parseFixture } from "../../src/mim/parity/fixture.ts";
import { runParity } from "../../src/mim/parity/run.ts";

const folder = join(import.meta.dirname, "../golden/torch");
const recorded = (file: string) => parseFixture(gunzipSync(readFileSync(join(folder, file))).toString());

beforeAll(async () => {
  await start();
});

test.each(readdirSync(folder))("%s: every output and gradient agrees in float64", async (file) => {
  const checks = await runParity(recorded(file), "float64");
  expect(checks.length).toBeGreaterThan(10);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});

test("a run among several is found as a case and as a section, and its checks say which", async () => {
  const { schema, method, kind, config, ...run } = recorded("vitp3.json.gz");
  const several = { schema, method, kind, config, cases: [run], simmim: run } as never;
  const checks = await runParity(several, "float32");
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["cases[0].outputs.loss", "simmim.outputs.loss"]),
  );
});

test.each(["ConvMAE", "mcmae", "convmae_base"])("%s is read as a recording of ConvMAE", async (method) => {
  const { draws: _, ...rest } = recorded("convmae.json.gz");
  await expect(runParity({ ...rest, method, draws: [] }, "float32")).rejects.toThrow("expected uniform numbers");
});

test.each(["vitp1", "multimae1", "longseq1", "fcmae", "mage"])(
  "%s with a parameter too many is refused",
  async (name) => {
    const fixture = recorded(`${name}.json.gz`);
    const params = { ...fixture.params, extra: { shape: [1], dtype: "float" as const, data: [0] } };
    await expect(runParity({ ...fixture, params }, "float32")).rejects.toThrow(/^params\.extra: expected a parameter/);
  },
);
