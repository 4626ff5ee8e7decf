import { readFileSync } from "node:fs";
import { join } from "node:path";
import sqlite3InitModule, { type Database, type Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import Better from "better-sqlite3";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, onlyReads, QuestionError } from "../../src/kb/ask.ts";
import { kbFile } from "../../src/kb/kbFile.ts";
import { examples } from "../../src/kb/named/examples.ts";
import { askWasm, openFile } from "../../src/site/query/askWasm.ts";
import { parameters } from "../../src/site/query/parameters.ts";

const file = readFileSync(join(import.meta.dirname, "../..", kbFile));
const native = new Better(file, { readonly: true });
let sqlite3: Sqlite3Static;
let db: Database;
beforeAll(async () => {
  sqlite3 = await sqlite3InitModule();
  db = openFile(sqlite3, new Uint8Array(file).buffer);
});
const answer = (sql: string, values: Record<string, string | null> = {}, limit = 1000) =>
  askWasm(sqlite3, db, sql, values, limit);
function trouble(sql: string) {
  try {
    answer(sql);
  } catch (error) {
    const { message, offset } = error as Error & { offset?: number | null };
    return { message, offset };
  }
  throw new Error(`expected a refusal, found an answer to ${sql}`);
}

describe("SQLite in the page", () => {
  test("answers every example as better-sqlite3 does, with rows", () => {
    for (const { title, sql, values } of examples(native)) {
      const expected = ask(native, sql, values);
      expect({ title, ...answer(sql, values) }).toEqual({ title, ...expected, cut: false });
      expect(expected.rows.length, title).toBeGreaterThan(0);
    }
  });
  test("cuts at the limit and says so", () => {
    expect(answer("select 1 union all select 2", {}, 1)).toEqual({ columns: ["1"], rows: [[1]], cut: true });
    expect(answer("select 1 union all select 2", {}, 2).cut).toBe(false);
  });
  test("binds parameters by name, missing ones as null", () => {
    expect(answer("select @a, :b, $a, @c", { a: "é", b: "2" }).rows).toEqual([["é", "2", "é", null]]);
  });
  test("keeps integers beyond 2^53", () => {
    expect(answer("select 9007199254740993").rows).toEqual([[9007199254740993n]]);
  });
  test.each([
    "insert into paper (id) values ('x')",
    "delete from paper",
    "drop table paper",
    "create temp table t (x)",
    "attach 'x.db' as x",
    "begin",
  ])("refuses %s as the command line does", (sql) => {
    expect(trouble(sql)).toEqual({ message: onlyReads, offset: undefined });
    expect(() => ask(native, sql)).toThrow(new QuestionError(onlyReads));
  });
  test("stays read-only behind the refusal", () => {
    expect(() => db.exec("delete from paper")).toThrow("readonly database");
  });
  test("says where a mistake is, in characters", () => {
    const sql = "select 'é𝕏', missing from paper";
    expect(trouble(sql)).toEqual({ message: "no such column: missing", offset: sql.indexOf("missing") });
    expect(trouble("select 1; selct 2")).toEqual({ message: 'near "selct": syntax error', offset: 10 });
  });
  test("takes one statement, with comments and semicolon", () => {
    expect(answer("-- first\nselect 1; -- last").rows).toEqual([[1]]);
    expect(trouble("select 1; select 2").message).toBe("expected one statement, found several; ask them one by one");
    expect(trouble(" -- nothing").message).toBe("expected SQL, found none; write select … from …");
  });
});

test("parameters are those that SQLite finds, in order", () => {
  const sql = `select '@no', "@no", [@no], \`@no\` -- @no\n /* :no */ where @b = 'it''s @no' or :a = $b and @c1 is null`;
  expect(parameters(sql)).toEqual(["b", "a", "c1"]);
  for (const { sql, values } of examples(native)) expect(parameters(sql).sort()).toEqual(Object.keys(values).sort());
});
