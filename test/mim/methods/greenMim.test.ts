import { beforeAll, describe, expect, test } from "vitest";
import { encodeSwin, type Swin } from "../../../src/mim/architecture/swin.ts";
import { asSwin, visiblePlan } from "../../../src/mim/architecture/visibleSwin.ts";
import { windowGroups } from "../../../src/mim/architecture/windowGroups.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import { randomMasking } from "../../../src/mim/masking/random.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { type GreenMimConfig, greenMim } from "../../../src/mim/methods/greenMim.ts";
import { simmim } from "../../../src/mim/methods/simmim.ts";
import { layerNorm } from "../../../src/mim/nn/layerNorm.ts";
import { type HostParams, type Params, under } from "../../../src/mim/nn/params.ts";
import { patchEmbed } from "../../../src/mim/nn/patchEmbed.ts";
import { windowBlock } from "../../../src/mim/nn/windowBlock.ts";
import { broadcastTo, gather, reshape, start, sum } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce } from "../evaluateOnce.ts";

const config: GreenMimConfig = {
  ...greenMim.toy.config,
  patchSize: 2,
  dim: 8,
  depths: [2, 1],
  heads: [2, 2],
  decoderDim: 16,
  decoderHeads: 2,
};
const [L, K] = [64, 16];

beforeAll(async () => {
  await start();
});

/** The visible tokens of one draw on the first map, whose cells are half as wide. */
function drawn(seed: number) {
  const { mask } = randomMasking(seededDraws(keyOf(seed)), 1, L, 0.75);
  const coords = Array.from({ length: 256 }, (_, i) => [Math.floor(i / 16), i % 16] as const).filter(
    ([y, x]) => mask[Math.floor(y / 2) * 8 + Math.floor(x / 2)] === 0,
  );
  return { coords };
}

const inverted = (images: HostTensor, mask: HostTensor, hidden: 0 | 1) =>
  changed(images, (v, i) => {
    const [y, x] = [Math.floor((i % 1024) / 32), i % 32];
    return mask.data[Math.floor(y / 4) * 8 + Math.floor(x / 4)] === hidden ? 1 - v : v;
  });

describe("groups", () => {
  test.each([
    [0, false],
    [2, false],
    [0, true],
    [2, true],
  ])("windows shifted by %i: each in one group, none over capacity (same shape: %s)", (shift, sameShape) => {
    const shapes = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const { coords } = drawn(seed);
      const plan = windowGroups(coords.flat(), 4, shift, { sameShape });
      shapes.add(`${plan.groups} x ${plan.size}`);
      const offset = (4 - shift) % 4;
      const windowOf = coords.map(([y, x]) => `${Math.floor((y + offset) / 4)} ${Math.floor((x + offset) / 4)}`);
      const groupOf = Array.from(plan.idsUnshuffle, (at) => Math.floor(at / plan.size));
      for (const window of new Set(windowOf)) {
        expect(new Set(groupOf.filter((_, i) => windowOf[i] === window)).size).toBe(1);
      }
      expect(new Set(plan.idsUnshuffle).size).toBe(coords.length);
      const pairs = plan.open.reduce((a, v) => a + v, 0);
      const own = windowOf.reduce((a, window) => a + windowOf.filter((other) => other === window).length, 0);
      expect(pairs).toBe(own); // every pair of one window, once, and no other
      expect(plan.groups * plan.size ** 2).toBeLessThan(16 * 16 ** 2); // the pairs of a Swin block on the whole map
    }
    if (sameShape) expect(shapes.size).toBe(1);
  });
});

/** One stage of Swin on the whole map, in which no one attends to hidden places; rows of the visible ones. */
async function denseOracle(c: GreenMimConfig, params: HostParams, images: HostTensor, mask: Float32Array) {
  const side = Math.sqrt(mask.length);
  const hidden = (y: number, x: number) => mask[(y % side) * side + (x % side)] === 1;
  const closed = (shift: number): HostTensor => {
    const M = c.window ** 2;
    const across = side / c.window;
    const data = Float64Array.from({ length: across ** 2 * M * M }, (_, at) => {
      const [window, key] = [Math.floor(at / M / M), at % M];
      const y = Math.floor(window / across) * c.window + Math.floor(key / c.window) + shift;
      return hidden(y, (window % across) * c.window + (key % c.window) + shift) ? -1e9 : 0;
    });
    return { shape: [across ** 2, 1, M, M], data };
  };
  const shift = c.window / 2;
  const visible = Int32Array.from(Array.from({ length: mask.length }, (_, i) => i).filter((i) => mask[i] === 0));
  const { outputs } = await evaluateWithGradients(
    (all, x) => {
      const p = under(all, "encoder.");
      const [N] = images.shape as [number];
      let map = layerNorm(p, "patch_embed.norm", patchEmbed(p, "patch_embed.proj", x.images!), c.eps);
      map = reshape(map, [N, side, side, c.dim]);
      const options = { s: c.window, heads: c.heads[0]!, eps: c.eps, activation: c.activation };
      map = windowBlock(p, "layers.0.blocks.0", map, { ...options, shift: 0, bias: x.straight! });
      map = windowBlock(p, "layers.0.blocks.1", map, { ...options, shift, bias: x.shifted! });
      const rows = gather(reshape(map, [N, side * side, c.dim]), broadcastTo(x.visible!, [N, visible.length]));
      const latent = layerNorm(p, "norm", rows, c.eps);
      return { loss: sum(latent), outputs: { latent } };
    },
    params,
    {
      images,
      straight: closed(0),
      shifted: closed(shift),
      visible: { shape: [visible.length], data: visible },
    },
    [],
    "float64",
  );
  return outputs.latent!;
}

test("visible tokens get what windows on the whole map give when no one attends to hidden ones, in groups of any size", async () => {
  const one = { ...config, depths: [2], heads: [2] };
  for (const groupSize of ["fullestWindow", "window"] as const) {
    const c = { ...one, maskRatio: 0.7, groupSize };
    const { params, inputs, outputs } = await evaluateOnce(greenMim, c);
    expect(inputs["groups.0.shifted.open"]!.shape[0]).toBeGreaterThan(1);
    const mask = Float32Array.from(inputs.mask!.data);
    expect(distance(outputs.latent, await denseOracle(c, params, inputs.images!, mask))).toBeLessThan(1e-9);
  }
});

test("with nothing hidden it is Swin", async () => {
  const first = await evaluateOnce(greenMim, config);
  const open = visiblePlan(config, new Float32Array(L), {});
  const swin: Swin = config;
  const ran = await evaluateOnce(greenMim, config, {
    ...first,
    inputs: {
      images: first.inputs.images!,
      mask: { shape: [1, L], data: new Float32Array(L) },
      idsRestore: { shape: [1, L], data: Int32Array.from({ length: L }, (_, i) => i) },
      ...open,
    },
  });
  const { outputs } = await evaluateWithGradients(
    (p: Params, { images }) => {
      const { latent } = encodeSwin(swin, asSwin(swin, under(p, "encoder.")), images!);
      return { loss: sum(latent), outputs: { latent } };
    },
    first.params,
    { images: first.inputs.images! },
    [],
    "float64",
  );
  expect(outputs.latent!.shape).toEqual(ran.outputs.latent!.shape);
  expect(distance(outputs.latent, ran.outputs.latent)).toBeLessThan(1e-9);
});

test("the encoder works on visible cells alone, which SimMIM's Swin does not", async () => {
  const first = await evaluateOnce(greenMim, config);
  const { images, mask } = first.inputs;
  expect(first.outputs.latent!.shape).toEqual([3, K, 16]);
  const moved = await evaluateOnce(greenMim, config, {
    ...first,
    inputs: { ...first.inputs, images: inverted(images!, mask!, 1) },
  });
  expect(distance(moved.outputs.pred, first.outputs.pred)).toBe(0);
  expect(moved.loss).not.toBe(first.loss);
  const encoder: Swin = { ...config, maskToken: undefined };
  const s = { encoder, maskUnit: 4, maskRatio: 0.75 };
  const plain = await evaluateOnce(simmim, s, { batch: { images: images! } });
  expect(plain.outputs.features!.shape).toEqual([3, L, 16]);
  const token = "encoder.mask_token";
  const params = {
    ...plain.params,
    [token]: changed(plain.params[token]! as HostTensor, (v, i) => v + Math.sin(i)) as never,
  };
  const other = await evaluateOnce(simmim, s, { ...plain, params });
  expect(distance(other.outputs.features, plain.outputs.features)).toBeGreaterThan(1e-3);
  expect(Object.keys(first.params).filter((name) => name.includes("mask_token"))).toEqual(["mask_token"]);
});

test("each visible latent stands at its own place before the decoder; the released order puts them elsewhere", async () => {
  const c = { ...config, decoderDepth: 0 };
  /** Cells whose prediction moves when one visible cell's pixels do, the decoder having no attention. */
  const movedBy = async (order: GreenMimConfig["decoderOrder"]) => {
    const once = await evaluateOnce(greenMim, { ...c, decoderOrder: order, depths: [1, 0], window: 2 }, { seed: 5 });
    const { images, mask } = once.inputs;
    const cell = mask!.data.indexOf(0);
    const images2 = changed(images!, (v, i) => {
      const [y, x] = [Math.floor((i % 1024) / 32), i % 32];
      return Math.floor(y / 4) * 8 + Math.floor(x / 4) === cell ? 1 - v : v;
    });
    const inputs = { ...once.inputs, images: images2 };
    const again = await evaluateOnce(
      greenMim,
      { ...c, decoderOrder: order, depths: [1, 0], window: 2 },
      { ...once, inputs },
    );
    const [a, b] = [once.outputs.pred!, again.outputs.pred!];
    const F = a.shape[2]!;
    const places = Array.from({ length: L }, (_, i) => i).filter((i) =>
      Array.from({ length: F }, (_, f) => i * F + f).some((at) => a.data[at] !== b.data[at]),
    );
    return { cell, places };
  };
  const image = await movedBy("image");
  expect(image.places).toEqual([image.cell]);
  const released = await movedBy("drawn");
  expect(released.places).not.toEqual([released.cell]);
});
