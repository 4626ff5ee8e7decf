import PorterStemmer from "natural/lib/natural/stemmers/porter_stemmer.js";

/** Porter's stem of a lower-cased English word, by natural; a word with anything but a to z in it is its own stem. */
export const stem = (word: string): string => (/^[a-z]{3,}$/.test(word) ? PorterStemmer.stem(word) : word);
