/** Answers questions about the database file that comes with the first of them. */
import sqlite3InitModule, { type Database, type Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { askWasm, openFile, SqlError } from "./askWasm.ts";
import type { Answer, Question } from "./messages.ts";

const MOST_ROWS = 100_000;

// The database lies in memory, so SQLite need not look for a file system of the browser's.
Object.assign(globalThis, {
  sqlite3ApiConfig: { disable: { vfs: { opfs: true, "opfs-vfs": true, "opfs-sahpool": true, "opfs-wl": true } } },
});

interface Opened {
  sqlite3: Sqlite3Static;
  db: Database;
  reviewed: string[];
}
let opened: Promise<Opened> | undefined;

addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  postMessage(await answer(data));
});

async function answer({ file, sql, values }: Question): Promise<Answer> {
  try {
    opened ??= open(file!);
    const { sqlite3, db, reviewed } = await opened;
    const start = performance.now();
    const result = askWasm(sqlite3, db, sql, values, MOST_ROWS);
    return { ...result, milliseconds: performance.now() - start, reviewed };
  } catch (error) {
    return { error: (error as Error).message, offset: error instanceof SqlError ? error.offset : null };
  }
}

async function open(file: ArrayBuffer): Promise<Opened> {
  const sqlite3 = await sqlite3InitModule();
  const db = openFile(sqlite3, file);
  const { rows } = askWasm(sqlite3, db, "select id from paper where surveyed", {}, MOST_ROWS);
  return { sqlite3, db, reviewed: rows.map(([id]) => id as string) };
}
