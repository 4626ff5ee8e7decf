/** Masks that look at something: parts, scores, edges, regions, motion. Each holds where a random mask does not. */
import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { gradientMagnitude, gradientMagnitudeMasking } from "../../../src/mim/masking/gradientMagnitude.ts";
import { gumbelTopKMasking } from "../../../src/mim/masking/gumbelTopK.ts";
import { maskAndThrow } from "../../../src/mim/masking/maskAndThrow.ts";
import { motionGuidedMasking } from "../../../src/mim/masking/motionGuided.ts";
import { randomMasking } from "../../../src/mim/masking/random.ts";
import { semanticPartsMasking } from "../../../src/mim/masking/semanticParts.ts";
import { slic } from "../../../src/mim/masking/slic.ts";
import { superpixelMasking } from "../../../src/mim/masking/superpixel.ts";
import { textGuidedMasking } from "../../../src/mim/masking/textGuided.ts";
import { tubeMasking } from "../../../src/mim/masking/tube.ts";
import { sceneAt } from "../../../src/mim/toy/batch.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { renderRgb } from "../../../src/mim/toy/rgb.ts";

const draws = (seed: number) => seededDraws(keyOf(seed));

test("semantic parts: even shares at 1, at most one part broken at 0; random masks are neither", () => {
  const [N, L] = [50, 16];
  const partOf = Array.from({ length: N * L }, (_, i) => (i % L < 8 ? 0 : i % L < 12 ? 1 : 2)); // sizes 8, 4, 4
  const hiddenPerPart = (mask: Float32Array) =>
    Array.from({ length: N }, (_, n) =>
      [0, 1, 2].map((part) => mask.subarray(n * L, (n + 1) * L).filter((x, i) => x && partOf[i] === part).length),
    );
  const broken = (counts: number[]) => counts.filter((count, part) => count > 0 && count < [8, 4, 4][part]!).length;
  const at = (evenness: number) =>
    hiddenPerPart(semanticPartsMasking(draws(1), partOf, [N, L], { maskRatio: 0.5, parts: 3, evenness }).mask);
  for (const counts of at(1)) expect(counts).toEqual([4, 2, 2]);
  for (const counts of at(0)) expect(broken(counts)).toBeLessThanOrEqual(1);
  expect(new Set(at(0).map(String)).size).toBeGreaterThan(1);
  const random = hiddenPerPart(randomMasking(draws(1), N, L, 0.5).mask);
  expect(random.filter((counts) => String(counts) === "4,2,2").length).toBeLessThan(N / 2);
  expect(Math.max(...random.map(broken))).toBeGreaterThan(1);
});

test("weighted masks hide what weighs more, and equal weights hide all equally often", () => {
  const [N, L] = [2000, 8];
  const weights = (of: (i: number) => number) => Array.from({ length: N * L }, (_, i) => of(i % L));
  const frequency = (mask: Float32Array) =>
    Array.from({ length: L }, (_, i) => mask.filter((x, at) => x && at % L === i).length / N);
  const tilted = frequency(
    gumbelTopKMasking(
      draws(2),
      weights((i) => 2 ** i),
      [N, L],
      0.5,
    ).mask,
  );
  const even = frequency(
    gumbelTopKMasking(
      draws(2),
      weights(() => 3),
      [N, L],
      0.5,
    ).mask,
  );
  for (let i = 1; i < L; i++) expect(tilted[i]!).toBeGreaterThan(tilted[i - 1]!);
  for (const share of even) expect(Math.abs(share - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / N));
});

test("mask and throw: three kinds make up the whole, and attention draws towards being masked", () => {
  const [N, L] = [500, 20];
  const weights = Array.from({ length: N * L }, (_, i) => (i % L < 5 ? 8 : 1));
  const { idsMasked, idsThrown, idsKeep } = maskAndThrow(draws(3), weights, [N, L], { masked: 0.45, thrown: 0.4 });
  expect([idsMasked.length / N, idsThrown.length / N, idsKeep.length / N]).toEqual([9, 8, 3]);
  for (let n = 0; n < N; n++) {
    const all = [
      idsMasked.subarray(9 * n, 9 * n + 9),
      idsThrown.subarray(8 * n, 8 * n + 8),
      idsKeep.subarray(3 * n, 3 * n + 3),
    ];
    expect(all.flatMap((ids) => [...ids]).sort((a, b) => a - b)).toEqual(Array.from({ length: L }, (_, i) => i));
  }
  const attended = (ids: Int32Array) => ids.filter((i) => i < 5).length / ids.length;
  expect(attended(idsMasked)).toBeGreaterThan(0.4);
  expect(attended(idsKeep)).toBeLessThan(0.05);
});

test("gradient magnitude: the only cell with texture is hidden in every draw, by chance it is one of sixteen", () => {
  const [N, side] = [40, 16];
  const images = new Float32Array(N * side * side).fill(0.5);
  for (let n = 0; n < N; n++) images[n * side * side + 6 * side + 10] = 1; // inside row 1, column 2 of 4 x 4 cells
  const strength = gradientMagnitude(images, { shape: [N, 1, side, side], cells: [4, 4] });
  const mask = gradientMagnitudeMasking(draws(4), strength, [N, 16], 1 / 16);
  expect(mask.filter((x, i) => x && i % 16 === 6).length).toBe(N);
  const flat = gradientMagnitudeMasking(draws(4), new Float64Array(N * 16), [N, 16], 1 / 16);
  expect(flat.filter((x, i) => x && i % 16 === 6).length).toBeLessThan(N / 4);
});

test("superpixels are connected and hidden whole, and follow edges that squares cut", () => {
  const side = 32;
  const image = renderRgb({ ...sceneAt(2, 0), sensorNoise: 0.01 }, side); // as by day: at dusk pixels differ more than regions
  const regions = slic(image.data, [side, side], { segments: 40 });
  expect(regions.count).toBeGreaterThan(20);
  expect(regions.count).toBeLessThan(80);
  for (let k = 0; k < regions.count; k++) {
    const own = new Set([...regions.label.keys()].filter((p) => regions.label[p] === k));
    const reached = [own.values().next().value!];
    const seen = new Set(reached);
    for (const p of reached) {
      for (const q of [p - side, p + side, p % side ? p - 1 : -1, (p + 1) % side ? p + 1 : -1]) {
        if (own.has(q) && !seen.has(q)) {
          seen.add(q);
          reached.push(q);
        }
      }
    }
    expect(reached.length).toBe(own.size);
  }
  const mask = superpixelMasking(draws(5), regions, 12);
  expect(new Set(regions.label.filter((_, p) => mask[p])).size).toBe(12);
  expect(regions.label.some((k, p) => !mask[p] && regions.label.some((other, q) => other === k && mask[q]))).toBe(
    false,
  );
  // Variance of the green channel inside regions, against a grid of as many squares.
  const within = (label: (p: number) => number) => {
    const sums = new Map<number, [number, number, number]>();
    for (let p = 0; p < side * side; p++) {
      const x = image.data[side * side + p]!;
      const [n, s, q] = sums.get(label(p)) ?? [0, 0, 0];
      sums.set(label(p), [n + 1, s + x, q + x * x]);
    }
    return [...sums.values()].reduce((total, [n, s, q]) => total + q - (s * s) / n, 0);
  };
  const squares = within((p) => Math.floor(p / side / 5) * 7 + Math.floor((p % side) / 5));
  expect(within((p) => regions.label[p]!)).toBeLessThan(0.7 * squares);
});

test("motion guided: tubes when nothing moves, a shifted set when all moves; tubes stay where they are", () => {
  const [T, side, p] = [4, 24, 4];
  const clip = { size: [T, side, side], tubelet: [1, p, p] } as const;
  const [N, tokens] = [3, 36];
  const flowOf = (dx: number) => {
    const flow = new Float64Array(N * (T - 1) * 2 * side * side);
    for (let i = 0; i < flow.length; i++) if (Math.floor(i / ((T - 1) * side * side)) % 2 === 0) flow[i] = dx;
    return flow;
  };
  const make = (dx: number) =>
    motionGuidedMasking(draws(6), N, clip, { forward: flowOf(dx), backward: flowOf(-dx) }, 0.75);
  const visible = (mask: Float32Array, n: number, t: number) =>
    Array.from({ length: tokens }, (_, i) => i).filter((i) => mask[(n * T + t) * tokens + i] === 0);
  /** Share of visible tokens with room to the right that are visible one to the right in the next frame. */
  const follows = (mask: Float32Array) => {
    let [moved, all] = [0, 0];
    for (let n = 0; n < N; n++) {
      for (let t = 0; t < T - 1; t++) {
        const next = visible(mask, n, t + 1);
        for (const i of visible(mask, n, t)) {
          if (i % 6 === 5) continue;
          all++;
          if (next.includes(i + 1)) moved++;
        }
      }
    }
    return moved / all;
  };
  const still = make(0);
  const moving = make(p);
  for (let n = 0; n < N; n++) {
    for (let t = 1; t < T; t++) expect(visible(still, n, t)).toEqual(visible(still, n, 0));
    for (let t = 0; t < T; t++) expect(visible(moving, n, t).length).toBe(9);
  }
  expect(follows(moving)).toBeGreaterThan(0.7);
  expect(follows(tubeMasking(draws(6), N, { frames: T, patches: tokens }, 0.75))).toBeLessThan(0.5);
});

test("text guided: one clip under two captions hides two different objects, and shuffled patches take the mask along", () => {
  const colorOf = [0, 2, 1, 2, 0, 2, 1, 2]; // red, ground or blue
  const oneHot = (k: number) => [0, 1, 2].map((d) => (d === k ? 1 : 0));
  const hidden = (colors: number[], caption: number) =>
    textGuidedMasking(colors.flatMap(oneHot), oneHot(caption), [1, 8, 3], 0.25).mask;
  expect([...hidden(colorOf, 0)]).toEqual(colorOf.map((color) => (color === 0 ? 1 : 0)));
  expect([...hidden(colorOf, 1)]).toEqual(colorOf.map((color) => (color === 1 ? 1 : 0)));
  expect([...hidden(colorOf.toReversed(), 0)]).toEqual([...hidden(colorOf, 0)].toReversed());
});
