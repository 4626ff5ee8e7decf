import { plainWordTable } from "./plainWordTable.ts";
import { wasmRuns, wasmWordTable } from "./wasmWordTable.ts";

/** Numbers the distinct words of texts, from 0 in the order they come. Words as tokenize.ts has them, numbers too. */
export interface WordTable {
  /** Finds the words of a text and returns how many there are. */
  scan(text: string): number;
  /** [at least what scan returned] numbers of the words of the last text, in order; good until the next scan. */
  numbers(): Int32Array;
  /** Distinct words so far. */
  size(): number;
  /** The words from a number on. */
  since(number: number): string[];
}

/** A word table on WASM SIMD, in TypeScript where the host has none. */
export const wordTable = (): WordTable => (wasmRuns ? wasmWordTable() : plainWordTable());
