import { CorpusError } from "./corpusError.ts";
import { replaceDirectory } from "./replaceDirectory.ts";

/**
 * Has `write` fill a folder that takes the place of the last output, all of it or none.
 *
 * @throws CorpusError when the disk or the folder does not take it
 */
export function replaceOutput(folder: string, write: (temporary: string) => void): void {
  try {
    replaceDirectory(folder, write);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    const remedy =
      code === "ENOSPC" || code === "SQLITE_FULL" ? "the disk is full; free some space" : "choose another --out";
    throw new CorpusError(
      `${folder}: expected a folder that can be written, found ${message}; ${remedy}; the last output stays`,
    );
  }
}
