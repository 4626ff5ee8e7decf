import { beforeAll, describe, expect, test } from "vitest";
import { linkedBlock } from "../../../src/mim/architecture/denoisingDecoder.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { type DiffMaeConfig, diffMae, inpaint } from "../../../src/mim/methods/diffMae.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { toTensors } from "../../../src/mim/nn/params.ts";
import { dispose, start, type Tree } from "../../../src/mim/ops.ts";
import { upload } from "../../../src/mim/parity/evaluate.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const config: DiffMaeConfig = { ...diffMae.toy.config, ...TINY, depth: 2, decoderDepth: 2, range: [0, 1] };
const trained = ["patch_embed.proj.weight", "noisy_embed.weight"];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(diffMae, config, { n: 3, trained });
});

const run = (inputs: Readonly<Record<string, HostTensor>>) =>
  evaluateOnce(diffMae, config, { inputs: { ...once.inputs, ...inputs }, params: once.params, state: once.state });
const all = (x: HostTensor, value: number): HostTensor => changed(x, () => value);

/** The images with their hidden patches made otherwise. */
function otherHidden(): HostTensor {
  const { images, mask } = once.inputs;
  return changed(images!, (x, i) => {
    const [n, y, column] = [Math.floor(i / (3 * 256)), Math.floor(i / 16) % 16, i % 16];
    return mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(column / 4)] === 1 ? 1 - 0.5 * x : x;
  });
}

describe("DiffMAE", () => {
  test("noise touches hidden patches alone: what the encoder makes is the same whatever noise and step, what is predicted not", async () => {
    const noisier = await run({
      noise: changed(once.inputs.noise!, (x) => -2 * x),
      times: all(once.inputs.times!, 3),
      signal: all(once.inputs.signal!, 0.6),
      sigma: all(once.inputs.sigma!, 0.8),
    });
    for (const layer of [0, 1]) {
      expect(distance(noisier.outputs[`layers.${layer}`], once.outputs[`layers.${layer}`])).toBeLessThan(1e-12);
    }
    expect(distance(noisier.outputs.pred, once.outputs.pred)).toBeGreaterThan(1e-3);
    const later = await run({ times: changed(once.inputs.times!, (t) => t + 100) });
    expect(distance(later.outputs.pred, once.outputs.pred)).toBeGreaterThan(1e-4);
  });

  test("noise meets pixels from -1 to 1, whatever stands for black and white in the pictures", async () => {
    const images = changed(once.inputs.images!, (x) => 4 * x - 2);
    const wide = await evaluateOnce(
      diffMae,
      { ...config, range: [-2, 2] },
      { ...once, inputs: { ...once.inputs, images } },
    );
    expect(distance(wide.outputs.clean, once.outputs.clean)).toBeLessThan(1e-12);
    const values = Array.from(once.outputs.clean!.data);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(Math.min(...values)).toBeLessThan(0);
  });

  test("without noise the decoder is given the answer; with nothing but noise it knows what MAE's knows", async () => {
    const [one, zero] = [all(once.inputs.signal!, 1), all(once.inputs.signal!, 0)];
    const clear = await run({ signal: one, sigma: zero });
    expect(distance(clear.outputs.noised, clear.outputs.clean)).toBe(0);
    const images = otherHidden();
    const blind = await run({ signal: zero, sigma: one });
    const blindToo = await run({ signal: zero, sigma: one, images });
    expect(distance(blindToo.outputs.pred, blind.outputs.pred)).toBeLessThan(1e-12);
    const seeing = await run({ signal: one, sigma: zero, images });
    expect(distance(seeing.outputs.pred, clear.outputs.pred)).toBeGreaterThan(1e-3);
    // MAE's prediction never depends on hidden patches.
    const own = { ...mae.toy.config, ...TINY };
    const plain = await evaluateOnce(mae, own, { n: 3 });
    const { params, inputs } = plain;
    const hidden = changed(inputs.images!, (x, i) => {
      const [n, y, column] = [Math.floor(i / (3 * 256)), Math.floor(i / 16) % 16, i % 16];
      return inputs.mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(column / 4)] === 1 ? 1 - 0.5 * x : x;
    });
    const other = await evaluateOnce(mae, own, { params, inputs: { ...inputs, images: hidden } });
    expect(distance(other.outputs.pred, plain.outputs.pred)).toBeLessThan(1e-12);
  });

  test("hidden patches are √ᾱ x_0 + √(1 - ᾱ) ε, one step for each image", () => {
    const { inputs, outputs } = once;
    const perImage = inputs.noise!.data.length / 3;
    outputs.noised!.data.forEach((x, i) => {
      const n = Math.floor(i / perImage);
      const [signal, sigma] = [inputs.signal!.data[n]!, inputs.sigma!.data[n]!];
      expect(signal ** 2 + sigma ** 2).toBeCloseTo(1, 12);
      expect(x).toBeCloseTo(signal * outputs.clean!.data[i]! + sigma * inputs.noise!.data[i]!, 9);
    });
    expect(new Set(inputs.times!.data).size).toBeGreaterThan(1);
    for (const grad of Object.values(once.grads)) expect(norm(grad)).toBeGreaterThan(0);
  });

  test("the decoder goes down the encoder from its last block", () => {
    const links = (depth: number, decoderDepth: number) =>
      Array.from({ length: decoderDepth }, (_, i) => linkedBlock({ ...config, depth, decoderDepth }, i));
    expect(links(12, 12)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(links(24, 8)).toEqual([23, 20, 17, 14, 11, 8, 5, 2]);
    expect(links(3, 2)).toEqual([2, 1]);
  });

  test("inpaints from noise: as many numbers as are hidden, others with other draws, the same with the same", async () => {
    const short = { ...config, diffusionSteps: 4 };
    const params = toTensors(once.params);
    const inputs = upload(once.inputs, "float32");
    const sample = (seed: number) => inpaint(short, params, inputs, seededDraws(keyOf(seed)));
    const [a, again, b] = [await sample(1), await sample(1), await sample(2)];
    expect(a.length).toBe(once.inputs.noise!.data.length);
    expect(again).toEqual(a);
    expect(Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))).toBeGreaterThan(1e-4);
    dispose([params, inputs] as Tree);
  });
});
