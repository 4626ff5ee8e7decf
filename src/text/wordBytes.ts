import { withoutUrls } from "./tokenize.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
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

/** The words that start, and the last of them ends, at these places of `bytes`. */
export function decodeWords(bytes: Uint8Array, places: Int32Array | Uint32Array): string[] {
  if (places.length < 2) return [];
  const from = places[0]!;
  const to = places[places.length - 1]!;
  const all = DECODER.decode(bytes.subarray(from, to));
  const ascii = all.length === to - from;
  return Array.from({ length: places.length - 1 }, (_, i) =>
    ascii
      ? all.slice(places[i]! - from, places[i + 1]! - from)
      : DECODER.decode(bytes.subarray(places[i]!, places[i + 1]!)),
  );
}
