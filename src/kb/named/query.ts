import type Database from "better-sqlite3";

/** A query with a name on the command line. Values are bound by name: `@backbone`; an option not given is null. */
export interface NamedQuery {
  name: string;
  /** Positional argument, when there is one. */
  argument?: { name: string; meaning: string; choices?: (db: Database.Database) => string[] };
  /** Options `--name VALUE` and their meaning. */
  options: Record<string, string>;
  summary: string;
  example: { title: string; argument?: string; options?: Record<string, string> };
  sql: string;
}
