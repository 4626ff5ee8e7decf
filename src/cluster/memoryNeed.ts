import type { Engine } from "./wardLinkage.ts";

/** Size of a corpus as the engines see it. */
export interface CorpusSize {
  readonly nDocs: number;
  readonly nTerms: number;
  /** Entries of the term matrix. */
  readonly nnz: number;
}

const BASE = 130e6;

/**
 * Bytes a process needs to cluster a corpus, the runtime and the vectors included: what was measured at 2,000 to
 * 100,000 documents, rounded up.
 */
export function memoryNeed(engine: Engine, { nDocs, nTerms, nnz }: CorpusSize): number {
  const vectors = BASE + 400 * nDocs + 300 * nTerms + 60 * nnz;
  if (engine === "ml-hclust") return vectors + 100 * nDocs ** 2;
  if (engine === "nn-chain") return vectors + 4 * nDocs ** 2;
  return vectors + 100 * nnz + 6000 * nDocs + 4 * Math.min(nDocs, 4096) ** 2;
}
