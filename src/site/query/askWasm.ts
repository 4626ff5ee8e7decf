/** SQLite compiled to WebAssembly, asked as the command line asks: one statement, which reads. */
import type { Database, Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { onlyReads, QuestionError } from "../../kb/ask.ts";
import type { QueryResult } from "../../kb/tableText.ts";

/** SQLite's own message; `offset` is the place in the SQL that it points to, when it does. */
export class SqlError extends Error {
  readonly offset: number | null;
  constructor(message: string, offset: number | null) {
    super(message);
    this.offset = offset;
  }
}

/** A database file opened in memory, read-only. */
export function openFile({ oo1, wasm, capi }: Sqlite3Static, file: ArrayBuffer): Database {
  const db = new oo1.DB(":memory:");
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_READONLY;
  const size = file.byteLength;
  const code = capi.sqlite3_deserialize(db.pointer!, "main", wasm.allocFromTypedArray(file), size, size, flags);
  db.checkRc(code);
  return db;
}

/**
 * The first `limit` rows of a reading statement, and whether there are more.
 * @throws QuestionError for a statement that writes, none, or more than one.
 * @throws SqlError with what SQLite says.
 */
export function askWasm(
  { capi, wasm }: Sqlite3Static,
  db: Database,
  sql: string,
  values: Record<string, string | null>,
  limit: number,
): QueryResult & { cut: boolean } {
  const handle = db.pointer!;
  const scope = wasm.scopedAllocPush();
  let statement = 0;
  try {
    const [text, length] = wasm.scopedAllocCString(sql, true);
    const [out, tail] = wasm.scopedAllocPtr(2) as [number, number];
    const prepare = (from: number) => {
      const code = capi.sqlite3_prepare_v3(handle, from, text + length - from, 0, out, tail);
      if (code !== capi.SQLITE_OK) throw sqlError(from - text);
      return wasm.peekPtr(out) as number;
    };
    statement = prepare(text);
    if (!statement) throw new QuestionError("expected SQL, found none; write select … from …");
    const rest = wasm.peekPtr(tail) as number;
    const second = prepare(rest);
    if (second) {
      capi.sqlite3_finalize(second);
      throw new QuestionError("expected one statement, found several; ask them one by one");
    }
    const width = capi.sqlite3_column_count(statement);
    if (!capi.sqlite3_stmt_readonly(statement) || width === 0) throw new QuestionError(onlyReads);
    for (let i = 1; i <= capi.sqlite3_bind_parameter_count(statement); i++) {
      const value = values[capi.sqlite3_bind_parameter_name(statement, i)?.slice(1) ?? ""] ?? null;
      if (value === null) continue;
      const [place, bytes] = wasm.scopedAllocCString(value, true); // a string as it is throws in 3.54.1: pMem is not defined
      capi.sqlite3_bind_text(statement, i, place, bytes, capi.SQLITE_STATIC);
    }
    const rows: unknown[][] = [];
    let code = capi.sqlite3_step(statement);
    for (; code === capi.SQLITE_ROW && rows.length < limit; code = capi.sqlite3_step(statement)) {
      rows.push(Array.from({ length: width }, (_, i) => capi.sqlite3_column_js(statement, i)));
    }
    if (code !== capi.SQLITE_ROW && code !== capi.SQLITE_DONE) throw sqlError(0);
    const columns = Array.from({ length: width }, (_, i) => capi.sqlite3_column_name(statement, i));
    return { columns, rows, cut: code === capi.SQLITE_ROW };
  } finally {
    capi.sqlite3_finalize(statement);
    wasm.scopedAllocPop(scope);
  }

  /** `from`: bytes before the statement. SQLite counts bytes, a text area UTF-16 units. */
  function sqlError(from: number): SqlError {
    const offset = capi.sqlite3_error_offset(handle);
    const before = new TextEncoder().encode(sql).slice(0, from + offset);
    return new SqlError(capi.sqlite3_errmsg(handle), offset < 0 ? null : new TextDecoder().decode(before).length);
  }
}
