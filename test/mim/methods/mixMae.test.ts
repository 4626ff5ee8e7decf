import { beforeAll, expect, test } from "vitest";
import { type MixMaeConfig, mixMae } from "../../../src/mim/methods/mixMae.ts";
import { simmim } from "../../../src/mim/methods/simmim.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce } from "../evaluateOnce.ts";

const config: MixMaeConfig = {
  ...mixMae.toy.config,
  imageSize: [16, 16],
  patchSize: 2,
  dim: 8,
  depths: [1, 1],
  heads: [2, 2],
  windows: [4, 4],
  decoderDim: 16,
  decoderHeads: 2,
  normalizedTarget: false,
};

beforeAll(async () => {
  await start();
});

/** The first image of four, or its partner, the last, inverted. */
const inverted = (x: { shape: readonly number[]; data: ArrayLike<number> }, image: number) =>
  changed(x as Parameters<typeof changed>[0], (v, i) => (Math.floor(i / 768) === image ? 1 - v : v));

test("a place holds its own image's features alone, though the partner's patches lie beside it", async () => {
  const first = await evaluateOnce(mixMae, config, { n: 4 });
  const { mask, images } = first.inputs;
  const width = first.outputs.latent!.data.length / 64;
  const movedBy = async (image: number) => {
    const again = await evaluateOnce(mixMae, config, {
      ...first,
      inputs: { ...first.inputs, images: inverted(images!, image) },
    });
    return Array.from({ length: 16 }, (_, place) => {
      const row = (x: typeof first) => Array.from(x.outputs.latent!.data.slice(place * width, (place + 1) * width));
      const [a, b] = [row(first), row(again)];
      return Math.max(...a.map((v, d) => Math.abs(v - b[d]!)));
    });
  };
  const [own, partner] = [await movedBy(0), await movedBy(3)];
  mask!.data.forEach((hidden, place) => {
    expect(hidden ? own[place] : partner[place]).toBe(0);
    expect(hidden ? partner[place] : own[place]).toBeGreaterThan(1e-6);
  });
});

test("every place of every image is restored, from where it was hidden", async () => {
  const first = await evaluateOnce(mixMae, config, { n: 4 });
  const { mask, images } = first.inputs;
  const own = (i: number) => {
    const [y, x] = [Math.floor((i % 256) / 16), i % 16];
    return i < 768 && mask!.data[Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
  };
  const moved = changed(images!, (v, i) => (own(i) ? 1 - v : v));
  const again = await evaluateOnce(mixMae, config, { ...first, inputs: { ...first.inputs, images: moved } });
  const F = 48;
  mask!.data.forEach((hidden, place) => {
    if (!hidden) return;
    for (let f = 0; f < F; f++) {
      expect(again.outputs.pred!.data[place * F + f]).toBe(first.outputs.pred!.data[place * F + f]);
    }
  });
  expect(again.loss).not.toBe(first.loss);
  const target = first.outputs.target!;
  const error = Array.from(target.data).reduce(
    (a: number, v: number, i: number) => a + (v - first.outputs.pred!.data[i]!) ** 2,
    0,
  );
  expect(first.loss).toBeCloseTo(error / target.data.length, 10);
});

test("SimMIM has no partner: another image of the batch changes nothing of this one", async () => {
  const encoder = {
    ...simmim.toy.config.encoder,
    imageSize: [16, 16] as const,
    patchSize: 4,
    dim: 16,
    depth: 1,
    heads: 2,
  };
  const s = { ...simmim.toy.config, encoder: encoder as typeof simmim.toy.config.encoder };
  const first = await evaluateOnce(simmim, s, { n: 4 });
  const images = inverted(first.inputs.images!, 3);
  const again = await evaluateOnce(simmim, s, { ...first, inputs: { ...first.inputs, images } });
  const ofFirst = (x: typeof first) => ({ shape: [16, 16], data: x.outputs.features!.data.slice(0, 256) });
  expect(distance(ofFirst(again), ofFirst(first))).toBe(0);
});
