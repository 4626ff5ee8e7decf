/** What page and worker say to each other. */
import type { QueryResult } from "../../kb/tableText.ts";

export interface Question {
  /** The database file; in the first question to a worker only. */
  file?: ArrayBuffer;
  sql: string;
  /** What is bound to the parameters of the SQL, by name without its sign. */
  values: Record<string, string | null>;
}

export type Answer =
  | (QueryResult & {
      /** The rows end where they do because there are too many. */
      cut: boolean;
      /** Time of SQLite, from the statement to the last row. */
      milliseconds: number;
      /** Papers that have a page of their own. */
      reviewed: string[];
    })
  | { error: string; offset: number | null };
