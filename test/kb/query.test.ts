import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main as query } from "../../scripts/query.ts";
import { buildKb } from "../../src/kb/build.ts";

let folder: string;
let db: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atlas-query-"));
  db = join(folder, "atlas.db");
  buildKb(join(import.meta.dirname, "../fixtures/small"), db, []);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  let out = "";
  let err = "";
  const code = query([...args, "--db", db], { out: (t) => (out += t), err: (t) => (err += t) });
  return { code, out, err };
}

describe("formats", () => {
  const sql = "select id, year, short_name from paper order by ref";
  test("a table, numbers to the right", () => {
    expect(
      run(sql)
        .out.split("\n")
        .map((line) => line.trimEnd()),
    ).toEqual([
      "id                 year    short_name",
      "───────────────────────────────────────",
      "alpha2021mask      2021    Mask",
      "gamma2022video     2022",
      "delta2020images    2020",
      "3 rows",
      "",
    ]);
  });
  test("JSON keeps types and nulls", () => {
    expect(JSON.parse(run(sql, "--json").out)[1]).toEqual({ id: "gamma2022video", year: 2022, short_name: null });
  });
  test("CSV survives commas and quotes", () => {
    expect(parse(run(`select 'a,"b' as x, 1 as y`, "--csv").out)).toEqual([
      ["x", "y"],
      ['a,"b', "1"],
    ]);
  });
  test("Markdown escapes its bars", () => {
    expect(run("select 'a|b' as x, 2 as y", "--markdown").out).toBe("| x    |  y |\n| :--- | -: |\n| a\\|b |  2 |\n");
  });
  test("LaTeX escapes its special characters", () => {
    expect(run("select '50 % & more_' as x, 2 as y", "--latex").out).toContain("  50 \\% \\& more\\_ & 2 \\\\");
  });
});

describe("named queries", () => {
  test("best sorts by value and keeps its source", () => {
    const rows = JSON.parse(run("best", "imagenet", "--backbone", "ViT-B", "--json").out);
    expect(rows.map((r: { method: string; source: string }) => [r.method, r.source])).toEqual([
      ["Video", "Table 2, row 2"],
      ["Mask", "Table 2, row 1"],
    ]);
  });
  test("papers filters by facet and contribution", () => {
    const rows = JSON.parse(
      run("papers", "--facet", "contrastive", "--contribution", "objective-function", "--json").out,
    );
    expect(rows.map((r: { id: string }) => r.id)).toEqual(["gamma2022video"]);
  });
  test("find stems words and needs all of them", () => {
    const ids = (words: string) => JSON.parse(run("find", words, "--json").out).map((r: { id: string }) => r.id);
    expect(ids("hiding").sort()).toEqual(["alpha2021mask", "gamma2022video"]);
    expect(ids("hiding flow")).toEqual(["gamma2022video"]);
    expect(ids('"OR AND')).toEqual([]);
  });
});

describe("refusals", () => {
  test.each([
    [
      "insert into paper (id) values ('x')",
      2,
      "query: expected a statement that reads (select, with, values), found one that writes; the database is built from data/, so change it there\n",
    ],
    [
      "attach 'x.db' as x",
      2,
      "query: expected a statement that reads (select, with, values), found one that writes; the database is built from data/, so change it there\n",
    ],
    [
      "select missing from paper",
      1,
      "query: no such column: missing; npm run -s query -- --schema lists tables and columns\n",
    ],
    [
      "bset",
      2,
      "query: expected SQL in quotes or one of best, papers, find, combinations, facets, clusters, discrepancies, found bset; see --help\n",
    ],
  ])("%s", (sql, code, message) => {
    expect(run(sql)).toEqual({ code, out: "", err: message });
  });
  test("an unknown benchmark is answered with the known ones", () => {
    expect(run("best", "cifar").err).toBe(
      "query: best: benchmark: expected one of imagenet-1k, found cifar; see --help\n",
    );
  });
  test("an option of another query is refused", () => {
    expect(run("facets", "task", "--backbone", "ViT-B").err).toBe(
      "query: facets: expected no options, found --backbone; see --help\n",
    );
  });
  test("a writing statement leaves the database untouched", () => {
    run("delete from paper");
    expect(new Database(db, { readonly: true }).prepare("select count(*) from paper").pluck().get()).toBe(3);
  });
});

test("every example of --help runs", () => {
  const { out } = run("--help");
  const examples = [...out.matchAll(/^ {2}npm run -s query -- (?!NAME)(.*)$/gm)].map(([, line]) => line!);
  expect(examples.length).toBeGreaterThanOrEqual(8);
  for (const line of examples) {
    const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
    const known = args.map((arg) => (arg === "coco" ? "imagenet" : arg === "map_box" ? "top1" : arg));
    expect({ line, code: run(...known).code }).toEqual({ line, code: 0 });
  }
});
