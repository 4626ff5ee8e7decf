import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  test.each([
    ["", "two words    x\n────────────\na b          2\n1 row\n"],
    ["--markdown", "| two words |  x |\n| :-------- | -: |\n| a b       |  2 |\n"],
  ])("a line break in a cell or a column's name is a space in a row%s", (format, text) => {
    const { out } = run(`select 'a\n b' as "two\nwords", 2 as x`, ...(format ? [format] : []));
    expect(out.replace(/ +$/gm, "").replace(/─+/, "────────────")).toBe(text);
  });
  test("bytes are written as SQL writes them", () => {
    expect(JSON.parse(run("select x'ff00' as b", "--json").out)).toEqual([{ b: "x'ff00'" }]);
    expect(run("select x'ff00' as b", "--csv").out).toBe("b\nx'ff00'\n");
  });
  test("no rows are an empty list, or column names alone", () => {
    const none = "select id from paper where 0";
    expect([run(none).out, run(none, "--json").out, run(none, "--csv").out]).toEqual([
      "id\n──\n0 rows\n",
      "[]\n",
      "id\n",
    ]);
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
    ...[
      "update paper set year = 1",
      "create table x (y)",
      "drop table paper",
      "pragma user_version = 5",
      "vacuum into 'x.db'",
      "with t as (select 'x' as id) insert into paper (id) select id from t returning id",
    ].map((sql): [string, number, string] => [
      sql,
      2,
      "query: expected a statement that reads (select, with, values), found one that writes; the database is built from data/, so change it there\n",
    ]),
    ["select 1; drop table paper", 1, "query: expected one statement, found several; ask them one by one\n"],
    ["selec 1 from paper", 1, 'query: near "selec": syntax error\n'],
    [
      "select id from paper where year = ?",
      1,
      "query: Too few parameter values were provided; write the values into the statement\n",
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
  test("a column that JSON would lose is named", () => {
    expect(run("select 1 as a, 2 as a", "--json").err).toBe(
      'query: expected each column once in JSON, found a twice; name one with "as"\n',
    );
  });
  test("an option of a named query beside SQL is refused", () => {
    expect(run("select id from paper", "--year", "2021").err).toBe(
      "query: expected --year with a named query alone, found SQL; write it as a condition\n",
    );
    expect(run("papers", "--year", "last").err).toBe(
      "query: papers: --year: expected a whole number, found last; write 2022\n",
    );
  });
  test.each([
    ["none.db", undefined, "none"],
    ["text.db", "no database", "something else (file is not a database)"],
    ["empty.db", "", "a database without papers"],
  ])("%s is answered with the command that makes it", (name, content, found) => {
    const file = join(folder, name);
    if (content !== undefined) writeFileSync(file, content);
    let err = "";
    expect(query(["select 1 as x", "--db", file], { out: () => {}, err: (t) => (err += t) })).toBe(1);
    expect(err).toBe(`query: ${file}: expected the knowledge base, found ${found}; run npm run ingest\n`);
  });
  test("a writing statement leaves the database untouched", () => {
    run("delete from paper");
    expect(new Database(db, { readonly: true }).prepare("select count(*) from paper").pluck().get()).toBe(3);
  });
});

test("a reader that stops early ends the command without a word", () => {
  const sql = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 100000) select x from n";
  const command = `"${process.execPath}" scripts/query.ts --db "${db}" --csv "${sql}" | head -1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["x\n", ""]);
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
