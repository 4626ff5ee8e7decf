const URL_PATTERN = /\b(?:https?:\/\/|www\.)\S+/giu;
const WORD = /[\p{L}\p{N}_]{2,}/gu;
const ASCII_WORD = /[a-z0-9_]{2,}/g;
const NUMBER = /^[\p{N}_]+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range starts at NUL.
const ASCII = /^[\x00-\x7f]*$/;
const NO_TOKENS: readonly string[] = [];

/**
 * Lower-cased words of two or more letters, digits or underscores, scikit-learn's token pattern for any script.
 * Hyphens split ("pre-training" is two tokens); URLs and tokens made of digits alone are dropped.
 */
export function tokenize(text: string): string[] {
  return words(text).filter((token) => !isNumber(token));
}

/** As tokenize, with the numbers still there: the caller looks each distinct token up once. */
export function words(text: string): readonly string[] {
  const ascii = ASCII.test(text);
  const plain = (ascii ? text : text.normalize("NFC")).toLowerCase();
  return withoutUrls(plain).match(ascii ? ASCII_WORD : WORD) ?? NO_TOKENS;
}

/** The text with a space in the place of each address of the web. */
export const withoutUrls = (text: string): string =>
  /:\/\/|www\./i.test(text) ? text.replace(URL_PATTERN, " ") : text;

/** Whether a token is made of digits (of any script) and underscores alone. */
export const isNumber = (token: string): boolean => NUMBER.test(token);
