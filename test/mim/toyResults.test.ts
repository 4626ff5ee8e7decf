/** The committed runs on the toy world: complete, as good as the site says, and to be had again. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { csvParse } from "d3-dsv";
import { expect, test } from "vitest";
import { COLUMNS, main } from "../../scripts/toyResults.ts";
import { METHODS } from "../../src/mim/methods/all.ts";

const table = csvParse(readFileSync(join(import.meta.dirname, "../../data/toy-results.csv"), "utf8"));
const of = (id: string) => table.filter((row) => row.method === id);

test("every method has run with three seeds and the steps of its preset", () => {
  expect(table.columns).toEqual([...COLUMNS]);
  for (const { id, toy } of METHODS) {
    expect(
      of(id).map(({ seed, steps }) => [seed, steps]),
      id,
    ).toEqual(["0", "1", "2"].map((seed) => [seed, String(toy.steps)]));
  }
});

test("four of five methods that are meant to tell classes beat their untrained encoder by two standard errors", () => {
  const judged = METHODS.filter(({ toy }) => toy.classifies !== false);
  const better = judged.filter(({ id }) => {
    const gains = of(id).map((row) => Number(row.probe) - Number(row.untrained_probe));
    const mean = gains.reduce((a, b) => a + b, 0) / gains.length;
    const variance = gains.reduce((a, b) => a + (b - mean) ** 2, 0) / (gains.length - 1);
    return mean > 2 * Math.sqrt(variance / gains.length);
  });
  expect(better.length).toBeGreaterThanOrEqual(0.8 * judged.length);
});

test("the task is no giveaway: supervised training solves it, raw pixels and untrained encoders do not", () => {
  const mean = (name: string) => {
    const values = METHODS.filter(({ toy }) => toy.modality === "rgb").flatMap(({ id }) =>
      of(id).map((r) => Number(r[name])),
    );
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  expect(mean("raw_pixels")).toBeLessThan(0.25);
  expect(mean("untrained_probe")).toBeLessThan(0.25);
  expect(mean("supervised")).toBeGreaterThan(0.5);
});

test("the quickest run, made again, gives the numbers of its row", () => {
  const row = table.filter(({ probe }) => probe !== "").toSorted((a, b) => Number(a.seconds) - Number(b.seconds))[0]!;
  const out = mkdtempSync(join(tmpdir(), "mim-row-"));
  const command = [
    "src/mim/bin.ts",
    "run",
    row.method!,
    "--seed",
    row.seed!,
    "--steps",
    row.steps!,
    "--out",
    out,
    "--json",
  ];
  const run = JSON.parse(
    execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
  rmSync(out, { recursive: true });
  expect({
    probe: run.trained.probe.accuracy,
    knn: run.trained.knn.accuracy,
    untrained_probe: run.untrained.probe.accuracy,
    untrained_knn: run.untrained.knn.accuracy,
    supervised: run.supervised.probe.accuracy,
    raw_pixels: run.rawPixels.probe.accuracy,
  }).toEqual(Object.fromEntries(COLUMNS.slice(5).map((name) => [name, Number(row[name])])));
}, 180_000);

test.each([
  [["--methods", "maee"], "mim:all: --methods: expected names that `mim list` prints, found maee; see --help\n"],
  [["--seeds", "0,x"], "mim:all: --seeds: expected whole numbers from 0, found x; see --help\n"],
  [["--jobs", "0"], "mim:all: --jobs: expected whole numbers from 1, found 0; see --help\n"],
])("%j is refused", async (args, message) => {
  let said = "";
  expect(await main(args, { out: () => {}, err: (text) => (said += text) })).toBe(2);
  expect(said).toBe(message);
});
