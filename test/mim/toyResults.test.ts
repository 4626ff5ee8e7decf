/** The committed runs on the toy world: complete, as good as the site says, and to be had again. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deviation, mean } from "d3";
import { csvParse } from "d3-dsv";
import { expect, test } from "vitest";
import { COLUMNS, main } from "../../scripts/toyResults.ts";
import { METHODS } from "../../src/mim/methods/all.ts";

const table = csvParse(readFileSync(join(import.meta.dirname, "../../data/toy-results.csv"), "utf8"));
const of = (id: string) => table.filter((row) => row.method === id);

test("every method has run with three seeds and the steps of its preset", () => {
  expect(table.columns).toEqual(COLUMNS);
  for (const { id, toy } of METHODS) {
    expect(
      of(id).map(({ seed, steps }) => [seed, steps]),
      id,
    ).toEqual(["0", "1", "2"].map((seed) => [seed, String(toy.steps)]));
    for (const { probe } of of(id)) expect(probe === "", id).toBe(toy.classifies === false);
  }
});

test("four of five methods that tell classes beat their untrained encoder by two standard errors, the others say what was tried", () => {
  const judged = METHODS.filter(({ toy }) => toy.classifies !== false);
  const unsure = judged.filter(({ id }) => {
    const gains = of(id).map((row) => Number(row.probe) - Number(row.untrained_probe));
    return !(mean(gains)! > (2 * deviation(gains)!) / Math.sqrt(gains.length));
  });
  expect(unsure.length).toBeLessThanOrEqual(0.2 * judged.length);
  const trying = METHODS.filter(({ toy }) => toy.tried !== undefined);
  expect(trying.map(({ id }) => id)).toEqual(unsure.map(({ id }) => id));
});

test("the task is no giveaway: a short training on labels reads it more than twice as well as raw pixels and untrained encoders", () => {
  const pictures = METHODS.filter(({ toy }) => toy.modality === "rgb").flatMap(({ id }) => of(id));
  const [raw, untrained, supervised] = (["raw_pixels", "untrained_probe", "supervised"] as const).map(
    (name) => mean(pictures, (row) => Number(row[name]))!,
  ) as [number, number, number];
  expect(raw).toBeLessThan(0.25);
  expect(untrained).toBeLessThan(0.25);
  expect(supervised).toBeGreaterThan(2 * Math.max(raw, untrained));
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
