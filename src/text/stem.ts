import PorterStemmer from "natural/lib/natural/stemmers/porter_stemmer.js";

const LATIN = /^[a-z]+$/;

/** Porter's stem of a lower-cased English word; a token with anything but a-z in it is its own stem. Porter 1980. */
export const stem = (word: string): string => (LATIN.test(word) ? PorterStemmer.stem(word) : word);
