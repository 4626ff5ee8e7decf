import type Database from "better-sqlite3";
import type { QueryResult } from "./tableText.ts";

/** A question that was put wrongly; the message says how to put it. */
export class QuestionError extends Error {}

export const onlyReads =
  "expected a statement that reads (select, with, values), found one that writes; the database is built from data/, so change it there";

/**
 * The rows of one reading statement. Values are bound by name.
 * @throws QuestionError for a statement that writes.
 */
export function ask(db: Database.Database, sql: string, values: Record<string, string | null> = {}): QueryResult {
  const statement = db.prepare<[Record<string, string | null>], unknown[]>(sql);
  if (!statement.readonly || !statement.reader) throw new QuestionError(onlyReads);
  const columns = statement.columns().map((c) => c.name);
  return { columns, rows: statement.raw().all(values) };
}
