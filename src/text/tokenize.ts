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
  const withoutUrls = /:\/\/|www\./.test(plain) ? plain.replace(URL_PATTERN, " ") : plain;
  return withoutUrls.match(ascii ? ASCII_WORD : WORD) ?? NO_TOKENS;
}

/** Whether a token is made of digits (of any script) and underscores alone. */
export const isNumber = (token: string): boolean => NUMBER.test(token);
