import PorterStemmer from "natural/lib/natural/stemmers/porter_stemmer.js";

/** Endings without which a step of natural's stemmer leaves a word as it is. */
const STEP2 =
  /(?:ational|tional|enci|anci|izer|bli|alli|entli|eli|ousli|ization|ation|ator|alism|iveness|fulness|ousness|aliti|iviti|biliti|logi)$/;
const STEP3 = /(?:icate|ative|alize|iciti|ical|ful|ness)$/;
const STEP4 = /(?:al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|[st]ion|ou|ism|ate|iti|ous|ive|ize)$/;

/**
 * Porter's stem of a lower-cased English word, by natural; a word with anything but a to z in it is its own stem. Only the
 * steps that a word's ending calls for are taken, as each of them costs some microseconds.
 */
export function stem(word: string): string {
  if (!/^[a-z]{3,}$/.test(word)) return word;
  let stem = word;
  if (stem.endsWith("s")) stem = PorterStemmer.step1a(stem);
  if (stem.endsWith("ed") || stem.endsWith("ing")) stem = PorterStemmer.step1b(stem);
  if (stem.endsWith("y")) stem = PorterStemmer.step1c(stem);
  if (STEP2.test(stem)) stem = PorterStemmer.step2(stem);
  if (STEP3.test(stem)) stem = PorterStemmer.step3(stem);
  if (STEP4.test(stem)) stem = PorterStemmer.step4(stem);
  if (stem.endsWith("e")) stem = PorterStemmer.step5a(stem);
  if (stem.endsWith("ll")) stem = PorterStemmer.step5b(stem);
  return stem;
}
