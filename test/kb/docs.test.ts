import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedDocs } from "../../scripts/docs.ts";
import { main as ingest } from "../../scripts/ingest.ts";
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

test("the paper that CONTRIBUTING.md adds is taken as it is written there", () => {
  const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const block = (language: string) =>
    new RegExp(`^ {3}\`\`\`${language}\\n([\\s\\S]*?)^ {3}\`\`\``, "m").exec(text)![1]!.replace(/^ {3}/gm, "");
  const project = mkdtempSync(join(tmpdir(), "atlas-add-"));
  cpSync(join(root, "data"), join(project, "data"), { recursive: true });
  appendFileSync(join(project, "data/references.yaml"), block("yaml"));
  writeFileSync(join(project, "data/papers/example2025hide.md"), block("markdown"));
  const err: string[] = [];
  expect([ingest(["--root", project], { out: () => {}, err: (line) => err.push(line) }), err]).toEqual([0, []]);
  rmSync(project, { recursive: true });
});
