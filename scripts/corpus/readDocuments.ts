import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import type { Doc } from "../../src/text/counts.ts";
import { CorpusError } from "./corpusError.ts";

export interface CorpusDoc {
  readonly id: string;
  /** Of the record, when it has one. */
  readonly title: string | undefined;
  readonly doc: Doc;
}

const NEWLINE = 10;

/**
 * Reads documents, one JSON object a line: {"id", "text"} or {"id", "counts": {word: number}}, with a "title" if there
 * is one; other fields are left alone, empty lines skipped. Line by line: a file may be larger than memory.
 *
 * @throws CorpusError with file and line
 */
export async function* readDocuments(file: string, onBytes?: (bytes: number) => void): AsyncGenerator<CorpusDoc> {
  const lineOf = new Map<string, number>();
  let line = 0;
  for await (const bytes of lines(file, onBytes)) {
    line++;
    const at = `${file}:${line}`;
    if (!isUtf8(bytes)) throw new CorpusError(notUtf8(at, bytes));
    const text = bytes.toString("utf8", line === 1 && bytes.indexOf("\ufeff") === 0 ? 3 : 0);
    if (text.trim() === "") continue;
    const doc = document(at, text);
    const earlier = lineOf.get(doc.id);
    if (earlier !== undefined) {
      throw new CorpusError(
        `${at}: id: expected one that differs from all others, found ${JSON.stringify(doc.id)} of line ${earlier} again; rename one`,
      );
    }
    lineOf.set(doc.id, line);
    yield doc;
  }
}

async function* lines(file: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []; // the beginning of a line whose end has not come yet
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      onBytes(chunk.length);
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        const line = chunk.subarray(start, end);
        yield rest.length ? Buffer.concat([...rest, line]) : line;
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    if (error instanceof CorpusError || !(error as NodeJS.ErrnoException).code) throw error;
    throw new CorpusError(`${file}: expected a readable file, found ${(error as Error).message}; check --input`);
  }
  if (rest.length) yield Buffer.concat(rest);
}

function notUtf8(at: string, bytes: Buffer): string {
  const decoded = Buffer.from(bytes.toString("utf8"), "utf8"); // differs from where the first bad byte was replaced
  const bad = bytes.findIndex((byte, i) => byte !== decoded[i]);
  const byte = `0x${bytes[bad]?.toString(16)}`;
  return `${at}: expected UTF-8, found byte ${byte} at place ${bad + 1} of the line; convert the file, say by iconv -t utf-8`;
}

function document(at: string, text: string): CorpusDoc {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    throw new CorpusError(`${at}: expected a JSON object on one line, found ${(error as Error).message}`);
  }
  const expected = (field: string, what: string, found: unknown, remedy: string) =>
    new CorpusError(`${at}: ${field}: expected ${what}, found ${brief(found)}; ${remedy}`);
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    throw new CorpusError(`${at}: expected a JSON object, found ${brief(record)}; write {"id": …, "text": …}`);
  }
  const { id, text: words, counts, title } = record as Record<string, unknown>;
  if (typeof id !== "string" || id === "") throw expected("id", "a string that is not empty", id, 'write "id": "a1"');
  const shown = typeof title === "string" ? title : undefined;
  if (words !== undefined) {
    if (counts !== undefined) throw expected("counts", "text or counts, not both", counts, "leave one out");
    if (typeof words !== "string") throw expected("text", "a string", words, 'write "text": "…"');
    return { id, title: shown, doc: { text: words } };
  }
  if (typeof counts !== "object" || counts === null || Array.isArray(counts)) {
    throw expected("text", "a string, or counts of words", counts, 'write "text": "…" or "counts": {"word": 2}');
  }
  for (const [word, count] of Object.entries(counts)) {
    if (!(typeof count === "number" && count >= 0 && count <= Number.MAX_SAFE_INTEGER)) {
      throw expected(`counts[${JSON.stringify(word)}]`, "a number from 0 to 2^53", count, "correct the count");
    }
  }
  return { id, title: shown, doc: { counts: counts as Record<string, number> } };
}

function brief(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
