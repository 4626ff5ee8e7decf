import stopwords from "natural/lib/natural/util/stopwords.js";

/** natural's list of English words too common to tell documents apart. */
export const englishStopWords: ReadonlySet<string> = new Set(stopwords.words);
