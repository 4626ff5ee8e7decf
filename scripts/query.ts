/** Asks the knowledge base: SQL or a named query, printed as a table, JSON, CSV, Markdown or LaTeX. */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { ask, QuestionError } from "../src/kb/ask.ts";
import { boxTable } from "../src/kb/boxTable.ts";
import { kbFile } from "../src/kb/kbFile.ts";
import { namedQueries } from "../src/kb/named/all.ts";
import { exampleCommands } from "../src/kb/named/examples.ts";
import type { NamedQuery } from "../src/kb/named/query.ts";
import { namedValues } from "../src/kb/named/values.ts";
import { formatTable } from "../src/kb/tableText.ts";
import { type Io, runCommand } from "./runCommand.ts";

const formats = ["json", "csv", "markdown", "latex"] as const;

const usage = (q: NamedQuery): string =>
  `  ${[q.name, q.argument ? `<${q.argument.name}>` : ""].join(" ").trim().padEnd(18)} ${q.summary}` +
  [
    ...(q.argument ? [`\n${" ".repeat(21)}<${q.argument.name}>  ${q.argument.meaning}`] : []),
    ...Object.entries(q.options).map(([name, meaning]) => `\n${" ".repeat(21)}--${name} VALUE  ${meaning}`),
  ].join("");

const help = `Asks the knowledge base (read-only).

Usage: npm run -s query -- "select …" [--json | --csv | --markdown | --latex]
       npm run -s query -- NAME [ARGUMENT] [--option VALUE] [--json | …]
       npm run -s query -- --schema

Named queries:
${namedQueries.map(usage).join("\n")}

  --db FILE   another database than ${kbFile}
  --schema    tables and columns, described in docs/schema.md
  --help      this text

Exit code 0: done, also with no rows. 1: the database cannot answer. 2: wrong usage.

Examples:
${exampleCommands.map((command) => `  npm run -s query -- ${command}`).join("\n")}
  npm run -s query -- best coco --metric map_box --latex
`;

/** The knowledge base, or what is there instead. */
function openReadOnly(file: string): Database.Database | string {
  if (!existsSync(file)) return "none";
  try {
    const db = new Database(file, { readonly: true });
    if (db.prepare("select 1 from sqlite_schema where name = 'paper'").get()) return db;
    db.close();
    return "a database without papers";
  } catch (error) {
    return `something else (${(error as Error).message})`;
  }
}

/** What SQLite or its driver says, with a remedy where there is one. */
function explainSql({ message }: Error): string {
  if (/^no such (table|column)/.test(message))
    return `${message}; npm run -s query -- --schema lists tables and columns`;
  if (/more than one statement/.test(message)) return "expected one statement, found several; ask them one by one";
  if (/parameter/.test(message)) return `${message}; write the values into the statement`;
  return message;
}

const schemaSql = /* sql */ `
  select m.name as "table", c.name as "column", c.type as type
  from sqlite_schema m join pragma_table_info(m.name) c
  where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'paper_text_%'
  order by m.name, c.cid`;

/** Runs the command; returns its exit code. */
export function main(args: string[], io: Io): number {
  try {
    const optionNames = new Set(namedQueries.flatMap((q) => Object.keys(q.options)));
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...Object.fromEntries(formats.map((f) => [f, { type: "boolean" as const }])),
        ...Object.fromEntries([...optionNames].map((o) => [o, { type: "string" as const }])),
        help: { type: "boolean" },
        schema: { type: "boolean" },
        db: { type: "string", default: kbFile },
      },
    });
    const given = values as Record<string, string | boolean | undefined>;
    if (given.help || (positionals.length === 0 && !given.schema)) {
      io.out(help);
      return given.help ? 0 : 2;
    }
    const chosen = formats.filter((f) => given[f]);
    if (chosen.length > 1) throw new QuestionError(`expected one format, found --${chosen.join(" and --")}; keep one`);
    const file = String(given.db);
    const db = openReadOnly(file);
    if (typeof db === "string") {
      io.err(`query: ${file}: expected the knowledge base, found ${db}; run npm run ingest\n`);
      return 1;
    }
    try {
      const [first = "", ...rest] = positionals;
      const options = Object.fromEntries([...optionNames].map((o) => [o, given[o] as string | undefined]));
      const named = namedQueries.find((q) => q.name === first);
      if (!given.schema && !named && !/\s/.test(first.trim())) {
        throw new QuestionError(
          `expected SQL in quotes or one of ${namedQueries.map((q) => q.name).join(", ")}, found ${first}; see --help`,
        );
      }
      const option = Object.keys(options).find((name) => !named && options[name] !== undefined);
      if (option)
        throw new QuestionError(`expected --${option} with a named query alone, found SQL; write it as a condition`);
      if (!given.schema && !named && rest.length)
        throw new QuestionError(`expected the SQL as one argument, found also ${rest[0]}; put the statement in quotes`);
      const result = given.schema
        ? ask(db, schemaSql)
        : named
          ? ask(db, named.sql, namedValues(db, named, rest, options))
          : ask(db, first);
      io.out(chosen[0] ? formatTable(result, chosen[0]) : boxTable(result));
      return 0;
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof QuestionError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
      io.err(`query: ${(error as Error).message.replace(/\s+/g, " ")}\n`);
      return 2;
    }
    if (error instanceof Database.SqliteError || error instanceof RangeError || error instanceof TypeError) {
      io.err(`query: ${explainSql(error)}\n`);
      return 1;
    }
    throw error;
  }
}

if (import.meta.main) await runCommand(main);
