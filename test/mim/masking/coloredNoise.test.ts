import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { coloredNoiseMasking } from "../../../src/mim/masking/coloredNoise.ts";
import { type NoiseColor, noisePattern } from "../../../src/mim/masking/noisePattern.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const [N, side] = [64, 12];
const L = side * side;
const error = 1 / Math.sqrt(N * L); // of a correlation of independent values
const patternOf = (color: NoiseColor) => noisePattern(seededDraws(keyOf(5)), color, { slices: 16, side: 32 });
const maskOf = (color: NoiseColor) => coloredNoiseMasking(seededDraws(keyOf(6)), N, patternOf(color), side, 0.75);

/** Correlation of a mask with itself one patch to the right. */
function neighbourCorrelation(mask: Float32Array): number {
  const mean = mask.reduce((a, b) => a + b, 0) / mask.length;
  let [covariance, variance] = [0, 0];
  mask.forEach((hidden, i) => {
    if (i % side < side - 1) covariance += (hidden - mean) * (mask[i + 1]! - mean);
    variance += ((hidden - mean) ** 2 * (side - 1)) / side;
  });
  return covariance / variance;
}

/** Mean power of a pattern's slices at `frequency` cycles from left to right, none from top to bottom. */
function power({ data, side: M, slices }: ReturnType<typeof patternOf>, frequency: number): number {
  let total = 0;
  for (let slice = 0; slice < slices; slice++) {
    let [re, im] = [0, 0];
    data.subarray(slice * M * M, (slice + 1) * M * M).forEach((value, i) => {
      re += value * Math.cos((2 * Math.PI * frequency * (i % M)) / M);
      im += value * Math.sin((2 * Math.PI * frequency * (i % M)) / M);
    });
    total += (re * re + im * im) / slices;
  }
  return total;
}

test("every colour keeps exactly a quarter; red patches cluster, blue ones avoid each other, white do neither", () => {
  for (const color of ["red", "blue", "green", "purple", "white"] as const) {
    const { idsKeep, mask } = maskOf(color);
    expect(idsKeep.length).toBe((N * L) / 4);
    expect(mask.reduce((a, b) => a + b, 0)).toBe((N * L * 3) / 4);
  }
  expect(neighbourCorrelation(maskOf("red").mask)).toBeGreaterThan(0.3);
  expect(Math.abs(neighbourCorrelation(maskOf("white").mask))).toBeLessThan(5 * error);
  expect(neighbourCorrelation(maskOf("blue").mask)).toBeLessThan(-5 * error);
});

test("green noise is strongest in the middle of the spectrum and purple weakest there", () => {
  const [low, middle, high] = [1, 5, 15];
  const green = patternOf("green");
  const purple = patternOf("purple");
  expect(power(green, middle)).toBeGreaterThan(3 * Math.max(power(green, low), power(green, high)));
  expect(power(purple, middle)).toBeLessThan(Math.min(power(purple, low), power(purple, high)));
});

test("samples of one crop differ, and a pattern smaller than the window is refused", () => {
  const { mask } = maskOf("green");
  expect(mask.subarray(0, L)).not.toEqual(mask.subarray(L, 2 * L));
  expect(() => coloredNoiseMasking(seededDraws(keyOf(6)), N, patternOf("red"), 40, 0.75)).toThrow(
    "expected a pattern of at least 40 tokens, found 32",
  );
});
