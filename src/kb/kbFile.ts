/** Where the built knowledge base lies, from the project's root. */
export const kbFile = "build/atlas.db";
