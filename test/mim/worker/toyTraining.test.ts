import { expect, test } from "vitest";
import { mae } from "../../../src/mim/methods/mae.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { fold, keyOf } from "../../../src/mim/toy/random.ts";
import { examplesOf } from "../../../src/mim/train/examples.ts";
import { batchOrder } from "../../../src/mim/train/pool.ts";
import { startingPoint, trainer } from "../../../src/mim/train/trainer.ts";
import { toyTraining } from "../../../src/mim/worker/toyTraining.ts";

const small = {
  ...mae,
  toy: { ...mae.toy, batch: 4, config: { ...mae.toy.config, dim: 32, depth: 1, decoderDim: 16 } },
};
const options = { device: "wasm", seed: 2 } as const;

async function all<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of sequence) items.push(item);
  return items;
}

test("a page is told of every step, and sees pictures before, now and then and after the last", async () => {
  const said = await all(toyTraining(small, { ...options, steps: 5, picturesEvery: 2, shown: 3 }));
  expect(said.map((s) => [s.step, s.loss !== undefined, s.pictures !== undefined])).toEqual([
    [0, false, true],
    [1, true, false],
    [2, true, true],
    [3, true, false],
    [4, true, true],
    [5, true, true],
  ]);
  const { images } = toyBatch("rgb", { seed: 2, start: 0, n: 3, size: 32 }).inputs;
  const { count, width, height, input, masked } = said[0]!.pictures!;
  expect([count, width, height, input.length]).toEqual([3, 32, 32, 3 * 32 * 32 * 4]);
  const pixel = (n: number, y: number, x: number, c: number) => images!.data[((n * 3 + c) * 32 + y) * 32 + x]! * 255;
  for (const [n, y, x, c] of [
    [0, 0, 0, 0],
    [1, 7, 30, 1],
    [2, 31, 4, 2],
  ] as const)
    expect(input[((n * 32 + y) * 32 + x) * 4 + c]).toBe(Math.round(pixel(n, y, x, c)));
  const changed = masked.filter((v, i) => i % 4 === 0 && v !== input[i]).length / (masked.length / 4);
  expect(changed).toBeGreaterThan(0.6);
  expect(changed).toBeLessThanOrEqual(0.75);
});

test("the same seed gives the losses of a run on the command line, another seed others", async () => {
  const losses = async (seed: number) =>
    (await all(toyTraining(small, { ...options, seed, steps: 2, picturesEvery: 0 }))).map((s) => s.loss);
  const first = await losses(4);
  const key = fold(keyOf(4), "mae");
  const { toy } = small;
  const training = trainer(
    small,
    toy.config,
    { steps: 2, lr: toy.lr },
    startingPoint(small, toy.config, key),
    fold(key, "training"),
  );
  const idsOf = batchOrder(512, 4, fold(key, "order"));
  for (const step of [0, 1]) {
    const data = Array.from(idsOf(step), (id) => [
      ...examplesOf("rgb", { seed: 4, start: id, n: 1, size: 32 }).inputs.images!.data,
    ]);
    const images = { shape: [4, 3, 32, 32], data: Float32Array.from(data.flat()) };
    expect(await training.step({ images })).toBe(first[step + 1]);
  }
  expect(await losses(5)).not.toEqual(first);
});

test("an error of the method reaches the page", async () => {
  const broken = { ...small, evaluate: () => ({ loss: 0, outputs: {} }) as never };
  await expect(toyTraining(broken, options).next()).rejects.toThrow();
});
