import { readFileSync } from "node:fs";
import { kbFile } from "../../kb/kbFile.ts";

/** The knowledge base itself. */
export const GET = (): Response =>
  new Response(new Uint8Array(readFileSync(kbFile)), { headers: { "content-type": "application/vnd.sqlite3" } });
