import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../src/mim/draws.ts";
import type { HostInputs } from "../../src/mim/method.ts";
import { mae } from "../../src/mim/methods/mae.ts";
import { start } from "../../src/mim/ops.ts";
import { toyBatch } from "../../src/mim/toy/batch.ts";
import { keyOf } from "../../src/mim/toy/random.ts";
import { startingPoint, trainer } from "../../src/mim/train/trainer.ts";

beforeAll(async () => {
  await start();
});

const config = { ...mae.toy.config, imageSize: [16, 16] as const, patchSize: 4, dim: 48, depth: 1, decoderDim: 16 };
const options = { steps: 24, lr: 2e-3 };
const batch = (start: number): HostInputs => toyBatch("rgb", { seed: 1, n: 8, size: 16, start: start * 8 }).inputs;

describe("a trainer", () => {
  test("lowers the loss, and goes on from a checkpoint to the same numbers", async () => {
    const key = keyOf(3);
    const whole = trainer(mae, config, options, startingPoint(mae, config, key), key);
    const losses: number[] = [];
    for (let s = 0; s < 12; s++) losses.push(await whole.step(batch(s)));
    const half = await whole.checkpoint();
    for (let s = 12; s < 24; s++) losses.push(await whole.step(batch(s)));
    const end = await whole.checkpoint();
    whole.dispose();

    const resumed = trainer(mae, config, options, half, key);
    const again: number[] = [];
    for (let s = 12; s < 24; s++) again.push(await resumed.step(batch(s)));
    expect(again).toEqual(losses.slice(12));
    expect((await resumed.checkpoint()).params).toEqual(end.params);
    resumed.dispose();
    const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
    expect(mean(losses.slice(-6))).toBeLessThan(0.9 * mean(losses.slice(0, 6)));
  });

  test("shows pictures of the images' shape, equal to them where nothing is hidden", async () => {
    const key = keyOf(4);
    const t = trainer(mae, config, options, startingPoint(mae, config, key), key);
    const { images } = batch(0);
    const { masked, reconstruction } = await t.look({ images: images! });
    expect(masked!.shape).toEqual(images!.shape);
    const same = (x: Float32Array) => x.filter((v, i) => Math.abs(v - images!.data[i]!) < 1e-6).length / x.length;
    for (const picture of [masked!, reconstruction!]) {
      expect(same(picture.data as Float32Array)).toBeGreaterThanOrEqual(0.25);
      expect(same(picture.data as Float32Array)).toBeLessThan(0.4);
    }
    t.dispose();
  });
});

test("memory in use stays flat over 1,000 steps", async () => {
  const key = keyOf(5);
  const seeded = seededDraws(key);
  const images = { shape: [8, 3, 16, 16], data: Float32Array.from(seeded.normal(8 * 3 * 256)) };
  const t = trainer(mae, config, { steps: 1000, lr: 1e-3 }, startingPoint(mae, config, key), key);
  const resident: number[] = [];
  for (let s = 0; s < 1000; s++) {
    await t.step({ images });
    if (s % 100 === 99) resident.push(process.memoryUsage.rss() / 2 ** 20);
  }
  t.dispose();
  expect(Math.max(...resident.slice(5)) - Math.max(...resident.slice(0, 5))).toBeLessThan(24);
});
