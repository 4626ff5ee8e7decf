import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { kNearest } from "../../../src/mim/evaluate/kNearest.ts";
import { linearProbe } from "../../../src/mim/evaluate/linearProbe.ts";
import { logisticRegression } from "../../../src/mim/evaluate/logisticRegression.ts";
import { rawPixels } from "../../../src/mim/evaluate/rawPixels.ts";

const gold = JSON.parse(readFileSync("test/golden/probes.json", "utf8"));
const labelled = ({ features, labels }: { features: number[][]; labels: number[] }, shift = 0) => ({
  features: {
    shape: [features.length, features[0]!.length],
    data: Float64Array.from(features.flat(), (v) => v - shift),
  },
  labels: Int32Array.from(labels),
});

test.each(gold.fits as { ridge: number; weight: number[]; bias: number[] }[])(
  "logistic regression finds scikit-learn's minimum at ridge $ridge",
  ({ ridge, weight, bias }) => {
    const X = Float64Array.from((gold.standardized as number[][]).flat());
    const fit = logisticRegression(X, Int32Array.from(gold.train.labels), gold.classes, ridge);
    // Both stop when the gradient is small (ours 1e-5); the minimum is flatter the smaller the ridge.
    const tolerance = Math.min(0.02, 1e-4 + 1e-6 / ridge);
    fit.weight.forEach((w, i) => {
      expect(Math.abs(w - weight[i]!)).toBeLessThan(tolerance);
    });
    const mean = fit.bias.reduce((a, b) => a + b) / fit.bias.length; // only differences of biases matter
    fit.bias.forEach((b, i) => {
      expect(Math.abs(b - mean - bias[i]!)).toBeLessThan(tolerance);
    });
  },
);

test("the linear probe chooses scikit-learn's ridge and reaches its accuracy, whatever the features' scales", () => {
  const result = linearProbe(labelled(gold.train), labelled(gold.test));
  expect(result.ridge).toBe(gold.linear.ridge);
  expect(result.accuracy).toBeCloseTo(gold.linear.accuracy, 12);
  const n = gold.test.labels.length;
  expect(result.standardError).toBeCloseTo(Math.sqrt((result.accuracy * (1 - result.accuracy)) / n), 12);
});

test("the k-NN vote equals scikit-learn's with cosine distance and the same weights", () => {
  const { shift, accuracy } = gold.kNearest;
  expect(kNearest(labelled(gold.train, shift), labelled(gold.test, shift)).accuracy).toBeCloseTo(accuracy, 12);
});

test("features that do not match are refused by name", () => {
  const train = labelled(gold.train);
  const narrow = { features: { shape: [2, 1], data: Float64Array.of(1, 2) }, labels: Int32Array.of(0, 1) };
  expect(() => linearProbe(train, narrow)).toThrow("linearProbe: expected test features [n, 7], found [n, 1]");
  expect(() => kNearest(train, { ...narrow, labels: Int32Array.of(0) })).toThrow(
    "expected features [n, D] and n labels",
  );
  const broken = { ...train, features: { ...train.features, data: train.features.data.map(() => Number.NaN) } };
  expect(() => linearProbe(broken, train)).toThrow("expected finite features");
});

test("raw pixels are averaged over squares, at the whole side to channel means", () => {
  const images = { shape: [1, 2, 2, 4], data: Float32Array.from({ length: 16 }, (_, i) => i) };
  expect([...rawPixels(images, 2).data]).toEqual([2.5, 4.5, 10.5, 12.5]);
  expect(rawPixels(images).data).toEqual(images.data);
  const square = { shape: [2, 1, 2, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) };
  expect(rawPixels(square, 2)).toEqual({ shape: [2, 1], data: Float32Array.of(1.5, 5.5) });
  expect(() => rawPixels(images, 3)).toThrow("sides divisible by 3, found [1,2,2,4]");
});
