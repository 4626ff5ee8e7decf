/** What is wrong with the input or its surroundings, in one line. */
export class CorpusError extends Error {}
