import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { isRunning } from "../../src/kb/isRunning.ts";
import { makeFolder } from "../../src/kb/makeFolder.ts";

/**
 * Has `write` fill a new folder beside `folder`, then puts it in the place of the old one. When writing fails or is
 * killed, the old one stays; when a kill hits between the two renames, the next call puts the old one back.
 */
export function replaceDirectory(folder: string, write: (temporary: string) => void): void {
  const target = resolve(folder);
  recover(target);
  const temporary = `${target}.${process.pid}.tmp`;
  const old = `${target}.${process.pid}.old`;
  try {
    makeFolder(temporary);
    write(temporary);
    const descriptor = openSync(temporary, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
    if (existsSync(target)) renameSync(target, old);
    try {
      renameSync(temporary, target);
    } catch (error) {
      if (existsSync(old)) renameSync(old, target);
      throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    if (existsSync(target)) rmSync(old, { recursive: true, force: true });
  }
}

/** Clears away what runs that were killed have left beside the folder. */
function recover(target: string): void {
  const parent = dirname(target);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const [, pid, kind] = name.startsWith(`${basename(target)}.`) ? (/\.(\d+)\.(tmp|old)$/.exec(name) ?? []) : [];
    if (
      !pid ||
      name !== `${basename(target)}.${pid}.${kind}` ||
      (Number(pid) !== process.pid && isRunning(Number(pid)))
    )
      continue;
    const left = resolve(parent, name);
    if (kind === "old" && !existsSync(target)) renameSync(left, target);
    else rmSync(left, { recursive: true, force: true });
  }
}
