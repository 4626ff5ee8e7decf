import { beforeAll, expect, test } from "vitest";
import { batchNorm } from "../../../src/mim/nn/batchNorm.ts";
import { averagePool, maxPool } from "../../../src/mim/nn/pooling.ts";
import { readSync, scope, start, tensor } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";

beforeAll(async () => {
  await start();
});

const [S, k, stride, padding] = [8, 3, 2, 1];
const data = Float64Array.from(normals(keyOf(1), S * S), (v) => v - 10); // all below zero: zeros of the padding would win
const out = Math.floor((S + 2 * padding - k) / stride) + 1;
const windows = Array.from({ length: out * out }, (_, i) => {
  const [row, column] = [Math.floor(i / out) * stride - padding, (i % out) * stride - padding];
  return Array.from({ length: k * k }, (_, t) => [row + Math.floor(t / k), column + (t % k)] as const)
    .filter(([r, c]) => r >= 0 && c >= 0 && r < S && c < S)
    .map(([r, c]) => data[r * S + c]!);
});

test("pooling equals the window's largest value and its sum over the window's size", () => {
  scope(() => {
    const x = tensor(data, [1, 1, S, S], "float64");
    const largest = readSync(maxPool(x, [k, k], { stride, padding }));
    const average = readSync(averagePool(x, [k, k], { stride, padding }));
    windows.forEach((w, i) => {
      expect(largest[i]).toBe(Math.max(...w));
      expect(average[i]).toBeCloseTo(w.reduce((a, b) => a + b, 0) / (k * k), 12);
    });
    return [];
  });
});

test("batch norm with active positions does not see the others, and without them sees all", () => {
  scope(() => {
    const active = Float64Array.from({ length: 2 * S }, (_, i) => (i % 3 === 0 ? 1 : 0));
    const x = Float64Array.from(data.slice(0, 2 * S));
    const p = { "bn.weight": tensor([2], [1], "float64"), "bn.bias": tensor([0.5], [1], "float64") };
    const normed = (values: Float64Array, masked: boolean) =>
      readSync(
        batchNorm(
          p,
          "bn",
          tensor(values, [2, 1, S], "float64"),
          masked ? { active: tensor(active, [2, 1, S], "float64") } : {},
        ),
      );
    const y = Array.from(normed(x, true));
    const kept = y.filter((_, i) => active[i] === 1);
    const average = kept.reduce((a, b) => a + b, 0) / kept.length;
    expect(average).toBeCloseTo(0.5, 12);
    expect(kept.reduce((a, b) => a + (b - average) ** 2, 0) / kept.length).toBeCloseTo(4, 3); // weight 2, biased variance
    expect(y.filter((_, i) => active[i] === 0).every((v) => v === 0)).toBe(true);
    const disturbed = x.map((v, i) => (active[i] === 0 ? v + 100 : v));
    expect([...normed(disturbed, true)]).toEqual(y);
    expect([...normed(disturbed, false)]).not.toEqual([...normed(x, false)]);
    return [];
  });
});
