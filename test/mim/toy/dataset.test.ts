import { expect, test } from "vitest";
import { dataset, KINDS } from "../../../src/mim/toy/dataset.ts";

test("the same choice gives the same bytes in every kind", () => {
  for (const kind of KINDS) {
    const choice = { seed: 3, n: 2, size: 16 };
    expect(dataset(kind, choice).arrays).toEqual(dataset(kind, choice).arrays);
  }
});

test("an example can be had without those before it", () => {
  const many = dataset("rgb", { seed: 5, n: 4, size: 16 });
  const late = dataset("rgb", { seed: 5, n: 1, size: 16, start: 3 });
  expect(late.labels[0]).toBe(many.labels[3]);
  expect(late.arrays.image.data).toEqual(many.arrays.image.data.slice(3 * 3 * 16 * 16));
});

test("the class is not readable from colour means: nearest class mean stays near chance", () => {
  const means = (start: number, n: number) => {
    const { arrays, labels } = dataset("rgb", { seed: 11, n, size: 16, start });
    const pixels = 16 * 16;
    const rows = Array.from({ length: n }, (_, i) =>
      [0, 1, 2].map(
        (c) =>
          arrays.image.data.slice((3 * i + c) * pixels, (3 * i + c + 1) * pixels).reduce((a, b) => a + b, 0) / pixels,
      ),
    );
    return { rows, labels };
  };
  const train = means(0, 600);
  const held = means(600, 400);
  const classes = [...new Set(train.labels)];
  const centre = classes.map((k) => {
    const own = train.rows.filter((_, i) => train.labels[i] === k);
    return [0, 1, 2].map((c) => own.reduce((sum, row) => sum + row[c]!, 0) / own.length);
  });
  const distance = (a: number[], b: number[]) => a.reduce((sum, x, c) => sum + (x - b[c]!) ** 2, 0);
  const right = held.rows.filter((row, i) => {
    const guess = centre.map((m) => distance(row, m));
    return classes[guess.indexOf(Math.min(...guess))] === held.labels[i];
  }).length;
  expect(classes.length).toBe(10);
  expect(right / held.rows.length).toBeLessThan(0.17);
});
