/** Masks by number: variable ratios, budgets over modalities, shared and disjoint masks, spans, cubes, ramps. */
import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { centerBlockMasking } from "../../../src/mim/masking/centerBlock.ts";
import { cubeMasking } from "../../../src/mim/masking/cubes.ts";
import { dirichletBudget } from "../../../src/mim/masking/dirichletBudget.ts";
import { disjointMasks } from "../../../src/mim/masking/disjoint.ts";
import { mixingMask } from "../../../src/mim/masking/mixing.ts";
import { shuffledMasking } from "../../../src/mim/masking/shuffled.ts";
import { spanMasking } from "../../../src/mim/masking/spans.ts";
import { upsampleMask } from "../../../src/mim/masking/upsampleMask.ts";
import { variableRatioMasking } from "../../../src/mim/masking/variableRatio.ts";
import { ramp, repeatedRamp } from "../../../src/mim/schedule/ramp.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const draws = (seed: number) => seededDraws(keyOf(seed));
const sum = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0);

test("variable ratio: one ratio a batch, the encoder's share always the same and always among the masked", () => {
  const [N, L] = [4, 64];
  const stream = draws(1);
  const ratios = Array.from({ length: 300 }, () => {
    const { mask, dropped } = variableRatioMasking(stream, N, L, { mean: 0.55, deviation: 0.25, least: 0.5 });
    expect(sum(dropped)).toBe(N * 32);
    expect(dropped.every((d, i) => d <= mask[i]!)).toBe(true);
    const counts = Array.from({ length: N }, (_, n) => sum(mask.subarray(n * L, (n + 1) * L)));
    expect(new Set(counts).size).toBe(1);
    return counts[0]! / L;
  });
  // Mean of a normal (0.55, 0.25) cut to [0.5, 1]: 0.55 + 0.25 (φ(-0.2) - φ(1.8)) / (Φ(1.8) - Φ(-0.2)) = 0.6943, and half a token of
  // rounding up.
  expect(Math.abs(sum(ratios) / 300 - 0.6943 - 0.5 / L)).toBeLessThan(5 * (0.13 / Math.sqrt(300)));
});

test("Dirichlet budget: the total never varies, the split does, and small concentrations favour one modality", () => {
  const [N, tokens, keep] = [400, [36, 36, 36], 24] as const;
  const keptBy = (concentration: number) => {
    const { masks, idsKeep, idsRestore } = dirichletBudget(draws(2), N, tokens, { keep, concentration });
    expect(idsKeep.length).toBe(N * keep);
    expect([...idsRestore.subarray(0, 108)].sort((a, b) => a - b)).toEqual(Array.from({ length: 108 }, (_, i) => i));
    return Array.from({ length: N }, (_, n) => masks.map((mask) => 36 - sum(mask.subarray(36 * n, 36 * n + 36))));
  };
  const [peaked, level] = [keptBy(0.1), keptBy(1000)];
  for (const counts of [...peaked, ...level]) expect(sum(counts)).toBe(keep);
  const largest = (all: number[][]) => sum(all.map((counts) => Math.max(...counts))) / N;
  expect(largest(peaked)).toBeGreaterThan(20);
  expect(largest(level)).toBeLessThan(10);
  expect(() => dirichletBudget(draws(2), 1, [4], { keep: 5, concentration: 1 })).toThrow(
    "at most 4 kept tokens, found 5",
  );
});

test("disjoint masks never hide a token twice; independent ones collide in a sixth of all", () => {
  const [N, L] = [50, 40];
  const [a, b] = disjointMasks(draws(3), N, L, 2, 0.4) as [Float32Array, Float32Array];
  expect(a.filter((x, i) => x && b[i]).length).toBe(0);
  expect([sum(a), sum(b)]).toEqual([N * 16, N * 16]);
  const [c, d] = [shuffledMasking(draws(3), N, L, 0.4), shuffledMasking(draws(4), N, L, 0.4)];
  expect(c.filter((x, i) => x && d[i]).length / (N * L)).toBeCloseTo(0.16, 1.5);
  expect(() => disjointMasks(draws(3), 1, L, 3, 0.4)).toThrow("expected 3 ratios of at most 1 / 3, found 0.4");
});

test("a mixing mask takes half of the places and is the same cell by cell at finer stages", () => {
  const mask = mixingMask(draws(5), { grid: [4, 4], maskRatio: 0.5 });
  expect(sum(mask)).toBe(8);
  const fine = upsampleMask(mask, [4, 4], 2);
  fine.forEach((x, i) => {
    expect(x).toBe(mask[Math.floor(i / 8 / 2) * 4 + Math.floor((i % 8) / 2)]);
  });
});

test("spans are never shorter than their length and hide about 1 - e^-p of the steps", () => {
  const [N, T, length] = [200, 100, 10];
  const mask = spanMasking(draws(6), N, T, { probability: 0.8, length });
  for (let n = 0; n < N; n++) {
    const runs = [...mask.subarray(n * T, (n + 1) * T)].join("").match(/1+/g) ?? [];
    for (const run of runs) expect(run.length).toBeGreaterThanOrEqual(length);
  }
  expect(sum(mask) / mask.length).toBeCloseTo(1 - Math.exp(-0.8), 1);
  expect(() => spanMasking(draws(6), 1, 5, { probability: 0.5, length: 6 })).toThrow("at most 5 steps, found 6");
});

test("cubes and the centre block are hidden whole", () => {
  const volume = cubeMasking(draws(7), 2, [4, 4, 8], 2, 0.5);
  expect(sum(volume)).toBe(volume.length / 2);
  volume.forEach((x, i) => {
    const corner = i - (i % 2) - (Math.floor(i / 8) % 2) * 8 - (Math.floor(i / 32) % 2) * 32;
    expect(x).toBe(volume[corner]);
  });
  expect([...centerBlockMasking(1, [4, 4], 0.5)]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
  expect(() => cubeMasking(draws(7), 1, [4, 4, 7], 2, 0.5)).toThrow("a side that divides 4 x 4 x 7, found 2");
});

test("ramps rise from one end to the other, the logarithmic above and the exponential below the line; repeated ones restart", () => {
  for (const curve of ["linear", "log", "exp"] as const) {
    expect(ramp(curve, 0, 0.1, 0.6)).toBe(0.1);
    expect(ramp(curve, 1, 0.1, 0.6)).toBeCloseTo(0.6, 12);
  }
  expect(ramp("log", 0.5, 0, 1)).toBeGreaterThan(0.5);
  expect(ramp("exp", 0.5, 0, 1)).toBeLessThan(0.5);
  expect(ramp("linear", 0.25, 0.6, 0.2)).toBeCloseTo(0.5, 12);
  expect([0, 1, 2, 3, 4, 5].map((epoch) => repeatedRamp(epoch, 3, 0, 1))).toEqual([0, 0.5, 1, 0, 0.5, 1]);
});
