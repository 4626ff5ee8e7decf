import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { CsrMatrix } from "../../src/text/csrMatrix.ts";

/** A file of test/golden. */
export const golden = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "../golden", name), "utf8"));

/** Equal within a relative and absolute tolerance. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const off = Math.abs(actual[i]! - expected[i]!);
    if (!(off <= tolerance * (1 + Math.abs(expected[i]!)))) expect(actual[i], `at ${i}`).toBe(expected[i]);
  }
}

/** A matrix given by rows; zeros are not stored. */
export function sparse(rows: readonly (readonly number[])[]): CsrMatrix {
  const kept = rows.map((row) => [...row.keys()].filter((j) => row[j] !== 0));
  let end = 0;
  return {
    indptr: Int32Array.of(0, ...kept.map((columns) => (end += columns.length))),
    indices: Int32Array.from(kept.flat()),
    data: Float64Array.from(kept.flatMap((columns, i) => columns.map((j) => rows[i]![j]!))),
    shape: [rows.length, rows[0]?.length ?? 0],
  };
}
