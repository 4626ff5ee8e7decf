import { beforeAll, expect, test } from "vitest";
import { dmaeDenoising } from "../../../src/mim/methods/dmaeDenoising.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, evaluateOnce, TINY } from "../evaluateOnce.ts";

const config = { ...dmaeDenoising.toy.config, ...TINY };

beforeAll(async () => {
  await start();
});

test("the loss is over all patches against clean pixels; MAE's is over the hidden ones", async () => {
  const run = await evaluateOnce(dmaeDenoising, config);
  const masked = { ...mae.toy.config, ...TINY, normalizedTarget: false };
  const plain = await evaluateOnce(mae, masked, { inputs: run.inputs });
  const meanOver = ({ outputs }: typeof run, counts: (patch: number) => boolean): number => {
    const errors = Array.from(outputs.pred!.data, (v, i) => (v - outputs.target!.data[i]!) ** 2);
    const chosen = errors.filter((_, i) => counts(Math.floor(i / 48)));
    return chosen.reduce((a, e) => a + e, 0) / chosen.length;
  };
  const hidden = (patch: number) => run.inputs.mask!.data[patch] === 1;
  expect(run.loss).toBeCloseTo(
    meanOver(run, () => true),
    10,
  );
  expect(plain.loss).toBeCloseTo(meanOver(plain, hidden), 10);
  expect(Math.abs(run.loss - meanOver(run, hidden))).toBeGreaterThan(1e-4);
  const images = changed(run.inputs.images!, (v) => v + 0.1);
  const cleaned = await evaluateOnce(dmaeDenoising, config, { inputs: { ...run.inputs, images } });
  expect(cleaned.outputs.pred).toEqual(run.outputs.pred);
});

test("the encoder sees noise of the wanted size, the target none", async () => {
  const run = await evaluateOnce(dmaeDenoising, config, { n: 8 });
  const noise = Array.from(run.inputs.noisy!.data, (v, i) => {
    const channel = Math.floor(i / 256) % 3;
    return (v - run.inputs.images!.data[i]!) * config.channelDeviation[channel]!;
  });
  const deviation = Math.sqrt(noise.reduce((a, v) => a + v * v, 0) / noise.length);
  expect(deviation).toBeGreaterThan(0.97 * config.sigma);
  expect(deviation).toBeLessThan(1.03 * config.sigma);
  const whole = await evaluateOnce(dmaeDenoising, { ...config, maskRatio: 0.0625 });
  expect(whole.loss).toBeGreaterThan(0);
});
