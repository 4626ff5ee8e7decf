import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";
import { crossCheck } from "./crossCheck.ts";
import { type Implementation, insertImplementations } from "./implementations.ts";
import { insertData, insertToyRuns } from "./insert.ts";
import { isRunning } from "./isRunning.ts";
import { loadData } from "./load.ts";
import { makeFolder } from "./makeFolder.ts";
import { DataError, type Problem } from "./problem.ts";

const schema = readFileSync(new URL("./schema.sql", import.meta.url), "utf8");

/** An empty knowledge base at `path`, or in memory at ":memory:". */
export function createSchema(path: string): Database.Database {
  const db = new Database(path);
  db.pragma("journal_mode = delete");
  db.pragma("foreign_keys = on");
  db.exec(schema);
  return db;
}

/**
 * Builds the knowledge base from `root`/data and the package's methods into `file`. The new file takes the old one's place only when complete, so a
 * failure or a kill leaves the old one.
 * @throws DataError with every problem of the data.
 */
export function buildKb(root: string, file: string, implementations: readonly Implementation[]): void {
  const problems: Problem[] = [];
  const report = (problem: Problem) => problems.push(problem);
  const data = loadData(root, report);
  const methods = new Set(implementations.map((implementation) => implementation.id));
  crossCheck(data, new Set(problems.map((problem) => problem.file)), methods, report);
  if (problems.length) throw new DataError(problems);

  makeFolder(dirname(file));
  replaceFile(file, (temporary) => {
    const db = createSchema(temporary);
    try {
      db.transaction(() => {
        insertData(db, data);
        insertImplementations(db, implementations);
        insertToyRuns(db, data);
      })();
      db.exec("insert into paper_text (paper_text) values ('optimize')");
      db.exec("vacuum");
    } finally {
      db.close();
    }
  });
}

/** Has `write` make a temporary file beside `file`, then renames it into place. */
export function replaceFile(file: string, write: (temporary: string) => void): void {
  removeLeftovers(file);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    write(temporary);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
    rmSync(`${temporary}-journal`, { force: true });
  }
}

/** Temporary files of processes that were killed. */
function removeLeftovers(file: string): void {
  for (const name of readdirSync(dirname(file))) {
    const pid = name.startsWith(`${basename(file)}.`) ? /\.(\d+)\.tmp(-journal)?$/.exec(name)?.[1] : undefined;
    if (pid && (Number(pid) === process.pid || !isRunning(Number(pid)))) rmSync(join(dirname(file), name));
  }
}
