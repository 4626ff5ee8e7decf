import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedDocs } from "../../scripts/docs.ts";
import { createSchema } from "../../src/kb/build.ts";
import { describeSchema } from "../../src/kb/describeSchema.ts";

const root = join(import.meta.dirname, "../..");

test("generated docs are what npm run docs writes", async () => {
  for (const [file, text] of Object.entries(await generatedDocs())) {
    expect(readFileSync(join(root, file), "utf8"), `${file} is stale; run npm run docs`).toBe(text);
  }
});

test("docs/schema.md names every table and column of the database", () => {
  const db = createSchema(":memory:");
  const actual = db
    .prepare<[], { table: string; column: string }>(
      /* sql */ `select m.name as "table", c.name as "column" from sqlite_schema m join pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'paper_text_%'`,
    )
    .all()
    .map(({ table, column }) => `${table}.${column}`);
  const described = describeSchema(readFileSync(join(root, "src/kb/schema.sql"), "utf8")).flatMap(({ name, columns }) =>
    columns.map((column) => `${name}.${column.name}`),
  );
  expect(described.sort()).toEqual(actual.sort());
});
