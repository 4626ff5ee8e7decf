import { expect, test } from "vitest";
import { cos, exp, log, sin } from "../../../src/mim/toy/exactMath.ts";
import { fold, generator, keyOf, normals, threefry2x32 } from "../../../src/mim/toy/random.ts";

// Known-answer vectors of Random123 (kat_vectors, threefry2x32 20): key, counter, output.
test.each([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344],
    [0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
] as [[number, number], [number, number], [number, number]][])(
  "threefry2x32 of key %j, counter %j is %j",
  (key, counter, out) => {
    expect(threefry2x32(key, counter)).toEqual(out);
  },
);

test("a child key does not depend on the parent's draws, and names differ from numbers", () => {
  const parent = keyOf(7);
  const before = fold(parent, "a");
  generator(parent).uniform();
  expect(fold(parent, "a")).toEqual(before);
  const children = [fold(parent, "a"), fold(parent, "b"), fold(parent, 0), fold(parent, 1), fold(keyOf(8), "a")];
  expect(new Set(children.map(String)).size).toBe(children.length);
});

test("uniform draws fill [0, 1) evenly and normal draws have mean 0, variance 1, kurtosis 3", () => {
  const n = 40_000;
  const random = generator(keyOf(1));
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < n; i++) bins[Math.floor(random.uniform() * 10)]! += 1;
  for (const count of bins) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n / 10));
  const moments = [0, 0, 0, 0];
  for (const x of normals(keyOf(2), n)) for (let k = 0; k < 4; k++) moments[k]! += x ** (k + 1) / n;
  const limit = 5 / Math.sqrt(n); // five standard errors; var of x² is 2, of x³ 15, of x⁴ 96
  expect(Math.abs(moments[0]!)).toBeLessThan(limit);
  expect(Math.abs(moments[1]! - 1)).toBeLessThan(limit * Math.sqrt(2));
  expect(Math.abs(moments[2]!)).toBeLessThan(limit * Math.sqrt(15));
  expect(Math.abs(moments[3]! - 3)).toBeLessThan(limit * Math.sqrt(96));
});

test("shuffle is a permutation and a seed outside 0 … 2^53 - 1 is refused", () => {
  const random = generator(keyOf(3));
  const shuffled = random.shuffle([1, 2, 3, 4, 5]);
  expect(shuffled.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(() => keyOf(-1)).toThrow("seed: expected a whole number from 0 to 2^53 - 1, found -1");
  expect(() => keyOf(0.5)).toThrow("found 0.5");
});

test("sin, cos, exp and log agree with Math to the last bits", () => {
  const random = generator(keyOf(4));
  for (let i = 0; i < 5000; i++) {
    const x = random.range(-1000, 1000);
    expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(4e-16);
    expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(4e-16);
    const y = random.range(-50, 50);
    expect(Math.abs(exp(y) / Math.exp(y) - 1)).toBeLessThan(1e-15);
    const z = Math.exp(y);
    expect(Math.abs(log(z) - Math.log(z))).toBeLessThan(1e-15 * (1 + Math.abs(y)));
  }
  expect([exp(0), exp(-800), log(1), log(0), log(-1)]).toEqual([1, 0, 0, Number.NEGATIVE_INFINITY, Number.NaN]);
});
