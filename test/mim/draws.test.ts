import { expect, test } from "vitest";
import { seededDraws } from "../../src/mim/draws.ts";
import { recordedDraws } from "../../src/mim/parity/recordedDraws.ts";
import { keyOf } from "../../src/mim/toy/random.ts";

test("weighted draws are without replacement, row by row, and the first falls in proportion to the weights", () => {
  const rows = 4000;
  const weights = Array.from({ length: rows }, () => [1, 0, 2, 5]).flat();
  const drawn = seededDraws(keyOf(1)).multinomial(weights, rows, 3);
  const first = [0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const picked = drawn.subarray(3 * row, 3 * row + 3);
    expect([...picked].sort()).toEqual([0, 2, 3]); // all but the weightless one
    first[picked[0]!]! += 1 / rows;
  }
  [1 / 8, 0, 2 / 8, 5 / 8].forEach((p, i) => {
    expect(Math.abs(first[i]! - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / rows));
  });
  expect(() => seededDraws(keyOf(1)).multinomial([1, 0, 0, 0], 1, 2)).toThrow("expected as many positive weights");
});

test("Gumbel draws have mean 0.5772 and variance π² / 6", () => {
  const n = 40_000;
  const drawn = seededDraws(keyOf(2)).gumbel(n);
  const mean = drawn.reduce((a, b) => a + b, 0) / n;
  const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
  expect(Math.abs(mean - 0.5772)).toBeLessThan(5 * Math.sqrt(Math.PI ** 2 / 6 / n));
  expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(5 * Math.sqrt(4.4 * (Math.PI ** 4 / 36 / n))); // excess kurtosis 12/5
});

test("a recording refuses a draw of another kind, of another length, and one too many", () => {
  const draws = recordedDraws([{ call: "torch.rand", out: { shape: [2], dtype: "float", data: [0.25, 0.5] } }]);
  expect(() => draws.permutation(2)).toThrow("draws[0]: expected a permutation, found torch.rand");
  expect(() => draws.uniform(3)).toThrow("draws[0]: expected 3 numbers, found 2");
  expect(() => draws.uniform(1)).toThrow("draws[1]: expected uniform numbers, found no more recorded draws");
});

test("Dirichlet shares add up to one with the mean and variance of their concentrations, also below one", () => {
  const rows = 20_000;
  const a = [0.3, 1, 2.7];
  const drawn = seededDraws(keyOf(3)).dirichlet(Array.from({ length: rows }, () => a).flat(), rows);
  for (let row = 0; row < 20; row++) {
    expect(drawn.subarray(3 * row, 3 * row + 3).reduce((x, y) => x + y, 0)).toBeCloseTo(1, 12);
  }
  a.forEach((concentration, k) => {
    const own = drawn.filter((_, i) => i % 3 === k);
    const mean = own.reduce((x, y) => x + y, 0) / rows;
    const variance = own.reduce((x, y) => x + (y - mean) ** 2, 0) / rows;
    const [expected, spread] = [concentration / 4, (concentration * (4 - concentration)) / (16 * 5)];
    expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(spread / rows));
    expect(variance / spread).toBeCloseTo(1, 1);
  });
});
