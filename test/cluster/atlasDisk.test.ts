import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { implementations } from "../../scripts/implementations.ts";
import { buildKb } from "../../src/kb/build.ts";

test("a disk that takes no more leaves knowledge base and report of the papers as they were", {
  timeout: 120_000,
}, () => {
  const root = join(import.meta.dirname, "../..");
  const folder = mkdtempSync(join(tmpdir(), "atlas-disk-"));
  try {
    const db = join(folder, "atlas.db");
    buildKb(root, db, implementations);
    const before = readFileSync(db);
    // 64 kB: less than the report; 1 MB: the report fits, the knowledge base does not.
    for (const limit of [64, 1024]) {
      const command = `ulimit -f ${limit}; exec "$0" "${join(root, "scripts/cluster.ts")}" --db "${db}" --out "${join(folder, "report")}" --replicates 0 --splits 0`;
      const { status, stderr } = spawnSync("bash", ["-c", command, process.execPath], { encoding: "utf8" });
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^cluster: .*report: expected a folder that can be written, found .*; the last output stays\n$/,
      );
      expect(readFileSync(db).equals(before)).toBe(true);
      expect(readdirSync(folder)).toEqual(["atlas.db"]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
