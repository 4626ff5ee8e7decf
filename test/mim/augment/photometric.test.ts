import { expect, test } from "vitest";
import { type Photometric, photometric } from "../../../src/mim/augment/photometric.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const none: Photometric = {
  jitter: { probability: 0, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
  grey: 0,
  blur: 0,
  solarize: 0,
};
const images = toyBatch("rgb", { seed: 2, n: 64, size: 16 }).inputs.images!;
const [P, each] = [256, 768];
const perturbed = (by: Partial<Photometric>) => photometric(seededDraws(keyOf(4)), images, { ...none, ...by }).data;

test("nothing happens with probability 0", () => {
  expect(perturbed({})).toEqual(images.data);
});

test("grey makes the channels equal and keeps luma", () => {
  const out = perturbed({ grey: 1 });
  for (let i = 0; i < P; i++) {
    const [r, g, b] = [0, 1, 2].map((c) => images.data[c * P + i]!) as [number, number, number];
    expect(out[i]).toBeCloseTo(0.299 * r + 0.587 * g + 0.114 * b, 5);
    expect(out[P + i]).toBeCloseTo(out[i]!, 5);
    expect(out[2 * P + i]).toBeCloseTo(out[i]!, 5);
  }
});

test("solarisation inverts what is bright and leaves the rest", () => {
  perturbed({ solarize: 1 }).forEach((v, i) => {
    const before = images.data[i]!;
    expect(v).toBeCloseTo(before < 0.5 ? before : 1 - before, 6);
  });
});

test("pictures between other values of black and white become what those between 0 and 1 become", () => {
  const by = { ...none, jitter: { ...none.jitter, probability: 0.8 }, grey: 0.2, blur: 0.5, solarize: 0.5 };
  const wide = { ...images, data: images.data.map((v) => 4 * v - 2) };
  const out = photometric(seededDraws(keyOf(4)), wide, by, [-2, 2]).data;
  photometric(seededDraws(keyOf(4)), images, by).data.forEach((v, i) => {
    expect(out[i]).toBeCloseTo(4 * v - 2, 4);
  });
});

test("each picture draws for itself: about the stated share of them changes", () => {
  const out = perturbed({ blur: 0.5 });
  const touched = Array.from({ length: 64 }, (_, n) =>
    out.subarray(n * each, (n + 1) * each).some((v, i) => v !== images.data[n * each + i]),
  ).filter(Boolean).length;
  expect(touched).toBeGreaterThan(16);
  expect(touched).toBeLessThan(48);
});

test("jitter stays in [0, 1] and gives every picture colours of its own", () => {
  const out = perturbed({ jitter: { ...none.jitter, probability: 1 } });
  expect(out.every((v) => v >= 0 && v <= 1)).toBe(true);
  const brightness = (x: ArrayLike<number>, n: number) =>
    Array.from({ length: each }, (_, i) => x[n * each + i]!).reduce((a, b) => a + b, 0);
  const shift = (n: number) => brightness(out, n) / brightness(images.data, n);
  expect(Math.abs(shift(0) - shift(1))).toBeGreaterThan(1e-3);
});
