import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { NoiseColor } from "../../../src/mim/masking/noisePattern.ts";
import { colorMae } from "../../../src/mim/methods/colorMae.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const N = 64;
const grid = { imageSize: [32, 32] as const, patchSize: 4, maskRatio: 0.75 };
const images = (value: number) => ({ shape: [N, 3, 32, 32], data: new Float32Array(N * 3 * 1024).fill(value) });
const progress = { step: 0, steps: 1 };
const masks = (color: NoiseColor, seed = 1, value = 0) =>
  colorMae.prepare(
    { ...colorMae.toy.config, ...grid, color },
    { images: images(value) },
    seededDraws(keyOf(seed)),
    progress,
  ).mask!.data;

/** Correlation of each patch's mask with its right and lower neighbours'. */
function neighbours(mask: ArrayLike<number>): number {
  const centred = Array.from(mask, (v) => v - 0.75);
  let [sum, count] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    const [y, x] = [Math.floor((i % 64) / 8), i % 8];
    if (x < 7) [sum, count] = [sum + centred[i]! * centred[i + 1]!, count + 1];
    if (y < 7) [sum, count] = [sum + centred[i]! * centred[i + 8]!, count + 1];
  }
  return sum / count / (0.75 * 0.25);
}

test("red masks clump, blue masks spread, MAE's and white ones do neither", () => {
  const uniform = mae.prepare({ ...mae.toy.config, ...grid }, { images: images(0) }, seededDraws(keyOf(1)), progress)
    .mask!.data;
  expect(Math.abs(neighbours(uniform))).toBeLessThan(0.06);
  expect(Math.abs(neighbours(masks("white")))).toBeLessThan(0.06);
  expect(neighbours(masks("red"))).toBeGreaterThan(0.2);
  expect(neighbours(masks("blue"))).toBeLessThan(-0.08);
  expect(neighbours(masks("green"))).toBeGreaterThan(neighbours(masks("purple")));
});

test("every image keeps a quarter of its patches, whatever it shows", () => {
  for (const color of ["red", "blue", "green", "purple"] as const) {
    const mask = masks(color);
    for (let n = 0; n < N; n++) expect(Array.from(mask.subarray(n * 64, (n + 1) * 64)).filter(Boolean).length).toBe(48);
    expect(masks(color, 1, 0.5)).toEqual(mask);
    expect(masks(color, 2)).not.toEqual(mask);
  }
});
