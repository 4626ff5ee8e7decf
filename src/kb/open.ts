import { existsSync } from "node:fs";
import { resolve } from "node:path";
import Database from "better-sqlite3";
import { kbFile } from "./kbFile.ts";

let open: Database.Database | undefined;

/** The built knowledge base, read-only; opened once a process. */
export function openKb(): Database.Database {
  if (open) return open;
  const path = resolve(process.cwd(), kbFile);
  if (!existsSync(path)) throw new Error(`${kbFile}: expected the knowledge base, found none; run npm run ingest`);
  open = new Database(path, { readonly: true });
  return open;
}
