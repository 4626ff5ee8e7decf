/** Objectives on distributions, against their formulas written out number by number. */
import { beforeAll, describe, expect, test } from "vitest";
import { imageTextContrast } from "../../../src/mim/objective/imageTextContrast.ts";
import { kullbackLeibler } from "../../../src/mim/objective/kullbackLeibler.ts";
import { readSync, scope, start, tensor } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";

beforeAll(async () => {
  await start();
});

const shares = (row: readonly number[]): number[] => {
  const all = row.reduce((sum, x) => sum + Math.exp(x), 0);
  return row.map((x) => Math.exp(x) / all);
};
const rows = (data: ArrayLike<number>, K: number): number[][] =>
  Array.from({ length: data.length / K }, (_, i) => Array.from({ length: K }, (_, k) => data[i * K + k]!));

describe("KL divergence", () => {
  const [K, M] = [5, 4];
  const [a, b] = [normals(keyOf(1), M * K), normals(keyOf(2), M * K)];
  const found = (x: Float64Array, y: Float64Array) => {
    let out: number[] = [];
    scope(() => {
      out = Array.from(readSync(kullbackLeibler(tensor(x, [M, K], "float64"), tensor(y, [M, K], "float64"))));
      return [];
    });
    return out;
  };

  test("is the sum of q log(q / p)", () => {
    const expected = rows(a, K).map((row, i) => {
      const [q, p] = [shares(row), shares(rows(b, K)[i]!)];
      return q.reduce((sum, x, k) => sum + x * Math.log(x / p[k]!), 0);
    });
    found(a, b).forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i]!, 12);
    });
  });

  test("is 0 for a distribution with itself, whatever is added to its logits, above 0 for others, and not symmetric", () => {
    for (const x of found(
      a,
      a.map((v) => v + 3),
    ))
      expect(x).toBeCloseTo(0, 12);
    for (const x of found(a, b)) expect(x).toBeGreaterThan(1e-3);
    expect(Math.abs(found(a, b)[0]! - found(b, a)[0]!)).toBeGreaterThan(1e-4);
  });
});

test("contrast of images and captions is the mean of picking along rows and along columns", () => {
  const [N, E, scale] = [4, 3, 7];
  const [v, t] = [normals(keyOf(3), N * E), normals(keyOf(4), N * E)];
  const unit = (row: number[]) => row.map((x) => x / Math.hypot(...row));
  const logits = rows(v, E).map((image) =>
    rows(t, E).map((text) => scale * unit(image).reduce((sum, x, k) => sum + x * unit(text)[k]!, 0)),
  );
  const pick = (table: number[][]) => table.reduce((sum, row, i) => sum - Math.log(shares(row)[i]!), 0) / N;
  const columns = logits.map((_, j) => logits.map((row) => row[j]!));
  scope(() => {
    const [images, captions] = [tensor(v, [N, E], "float64"), tensor(t, [N, E], "float64")];
    const made = imageTextContrast(images, captions, scale);
    expect(readSync(made.loss)[0]).toBeCloseTo((pick(logits) + pick(columns)) / 2, 12);
    Array.from(readSync(made.logits)).forEach((x, i) => {
      expect(x).toBeCloseTo(logits.flat()[i]!, 12);
    });
    return [];
  });
});
