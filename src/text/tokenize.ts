const URL_PATTERN = /\b(?:https?:\/\/|www\.)\S+/giu;
const WORD = /[\p{L}\p{N}_]{2,}/gu;
const ASCII_WORD = /[a-z0-9_]{2,}/g;
const NUMBER = /^[\p{N}_]+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range starts at NUL.
const ASCII = /^[\x00-\x7f]*$/;

/**
 * Lower-cased words of two or more letters, digits or underscores, scikit-learn's token pattern for any script.
 * Hyphens split ("pre-training" is two tokens); URLs and tokens made of digits alone are dropped. Corpora are read by
 * wordTable.ts, which finds the same words faster.
 */
export function tokenize(text: string): string[] {
  const ascii = ASCII.test(text);
  const plain = withoutUrls((ascii ? text : text.normalize("NFC")).toLowerCase());
  return (plain.match(ascii ? ASCII_WORD : WORD) ?? []).filter((token) => !isNumber(token));
}

/** The text with a space in the place of each address of the web. */
export const withoutUrls = (text: string): string =>
  /:\/\/|www\./i.test(text) ? text.replace(URL_PATTERN, " ") : text;

/** Whether a token is made of digits (of any script) and underscores alone. */
export const isNumber = (token: string): boolean => NUMBER.test(token);
