import { existsSync } from "node:fs";
import { resolve } from "node:path";
import Database from "better-sqlite3";

/** Where the built knowledge base lies, from the project's root. */
export const kbFile = "build/atlas.db";

let open: Database.Database | undefined;

/** The built knowledge base, read-only; opened once a process. */
export function openKb(): Database.Database {
  if (open) return open;
  const path = resolve(process.cwd(), kbFile);
  if (!existsSync(path)) throw new Error(`${kbFile}: expected the knowledge base, found none; run npm run ingest`);
  open = new Database(path, { readonly: true });
  return open;
}
