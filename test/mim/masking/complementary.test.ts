/** Masks of two modalities that look away from each other. */
import { describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { complementaryMasking } from "../../../src/mim/masking/complementary.ts";
import { randomMasking } from "../../../src/mim/masking/random.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const [N, L] = [200, 20];
const draws = seededDraws(keyOf(1));
const other = randomMasking(draws, N, L, 0.4).mask; // hides 8 of 20 places
const both = (mask: ArrayLike<number>) => Array.from(mask).filter((m, i) => m === 1 && other[i] === 1).length / N;

describe("complementary masks", () => {
  const of = (align: "complement" | "same", maskRatio: number) =>
    complementaryMasking(draws, other, [N, L], { maskRatio, align }).mask;

  test("what one hides the other shows, as far as its budget goes", () => {
    expect(both(of("complement", 0.6))).toBe(0); // shows 8, all that the other hides
    expect(both(of("complement", 0.3))).toBe(0);
    expect(both(of("complement", 0.8))).toBe(4); // shows 4 of these 8
    const independent = both(randomMasking(draws, N, L, 0.6).mask);
    expect(Math.abs(independent - 20 * 0.4 * 0.6)).toBeLessThan(0.5);
  });

  test("aligned they hide the same", () => {
    expect(both(of("same", 0.4))).toBe(8);
    expect(both(of("same", 0.2))).toBe(4);
    expect(both(of("same", 0.7))).toBe(8);
  });

  test("keeps ⌈L (1 - ratio)⌉ of each sample, any of equal places alike", () => {
    const mask = of("complement", 0.63); // 7.4 are kept
    const shown = new Float64Array(L);
    for (let n = 0; n < N; n++) {
      const row = Array.from(mask.subarray(n * L, (n + 1) * L));
      expect(row.filter((m) => m === 0)).toHaveLength(8);
      row.forEach((m, i) => {
        if (m === 0) shown[i]!++;
      });
    }
    for (const times of shown) expect(Math.abs(times / N - 0.4)).toBeLessThan(0.15);
  });
});
