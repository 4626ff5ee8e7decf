import { withoutUrls } from "./tokenize.ts";

const ENCODER = new TextEncoder();
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range starts at NUL.
const NO_WORD = /[^\p{L}\p{N}_\x00-\x7f]+/gu;

/**
 * Encodes a text so that its words are the runs of ASCII letters, digits, underscores and of bytes that are not ASCII:
 * addresses and foreign punctuation become spaces; other letters than A–Z are in lower case.
 *
 * @param into has room for 3 bytes a UTF-16 unit of the text, twice that if it is not in composed form
 * @returns bytes written
 */
export function wordBytes(text: string, into: Uint8Array): number {
  const plain = withoutUrls(text);
  const written = ENCODER.encodeInto(plain, into).written;
  if (written === plain.length) return written;
  return ENCODER.encodeInto(withoutUrls(text.normalize("NFC").toLowerCase()).replace(NO_WORD, " "), into).written;
}
