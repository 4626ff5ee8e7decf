import { beforeAll, describe, expect, test } from "vitest";
import { partialStage } from "../../../src/mim/architecture/hybridDetector.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostInputs, HostTensor } from "../../../src/mim/method.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { type MimDetConfig, mimDet } from "../../../src/mim/methods/mimDet.ts";
import { type HostParams, initParams, type Params, under } from "../../../src/mim/nn/params.ts";
import { centerFocal } from "../../../src/mim/objective/centerFocal.ts";
import { start, sum } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { centerMaps } from "../../../src/mim/target/centerMaps.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { startingPoint, trainer } from "../../../src/mim/train/trainer.ts";
import { trainTeachers } from "../../../src/mim/train/trainTeachers.ts";
import { changed, distance, evaluateOnce, norm } from "../evaluateOnce.ts";

const config: MimDetConfig = {
  ...mimDet.toy.config,
  dim: 16,
  depth: 1,
  heads: 2,
  decoderDim: 12,
  decoderDepth: 0,
  decoderHeads: 2,
  pyramidDim: 8,
  classes: 10,
};
const STAGES = "backbone.bottom_up.";
const [L, K] = [16, 8];

beforeAll(async () => {
  await start();
});

/** The stage behind the stem on given features [1, 16, 4, 4] and the first K of the tokens. */
async function stage(params: HostParams, last: HostTensor) {
  const idsKeep = { shape: [1, K], data: Int32Array.from({ length: K }, (_, i) => i) };
  const { outputs } = await evaluateWithGradients(
    (p: Params, x) => {
      const { latent, map } = partialStage(config, under(p, STAGES), x.last!, x.idsKeep);
      return { loss: sum(map), outputs: { latent, map } };
    },
    params,
    { last, idsKeep },
    [],
    "float64",
  );
  return outputs;
}

describe("tokens that the encoder does not see", () => {
  const last = { shape: [1, 16, 4, 4], data: seededDraws(keyOf(4)).normal(256) };
  const dropped = 11;
  const moved = changed(last, (v, i) => (i % L === dropped ? v + 1 + Math.sin(i) : v));

  test("come into the decoder's map from the stem, each at its own place", async () => {
    const params = initParams(mimDet.specs(config), keyOf(1));
    const [before, after] = [await stage(params, last), await stage(params, moved)];
    expect(distance(after.latent, before.latent)).toBe(0);
    const places = Array.from({ length: L }, (_, i) => i).filter((i) =>
      Array.from({ length: 12 }, (_, d) => d * L + i).some((at) => before.map!.data[at] !== after.map!.data[at]),
    );
    expect(places).toEqual([dropped]);
    expect(before.map!.shape).toEqual([1, 12, 4, 4]);
  });

  test("MAE's decoder knows nothing of them, having a mask token instead", async () => {
    const c = { ...mae.toy.config, ...config, normalizedTarget: true };
    const first = await evaluateOnce(mae, c, { n: 1 });
    const { images, mask } = first.inputs;
    const other = changed(images!, (v, i) => {
      const [y, x] = [Math.floor((i % 1024) / 32), i % 32];
      return mask!.data[Math.floor(y / 8) * 4 + Math.floor(x / 8)] === 1 ? 1 - v : v;
    });
    const again = await evaluateOnce(mae, c, { ...first, inputs: { ...first.inputs, images: other } });
    expect(distance(again.outputs.pred, first.outputs.pred)).toBe(0);
  });
});

test("the encoder gets a share of the tokens, the pyramid whole maps, and nothing is filled in when all are seen", async () => {
  for (const sampleRatio of [0.25, 0.5, 1]) {
    const name = `${STAGES}decoder.conv_feat_proj.weight`;
    const { outputs, grads } = await evaluateOnce(mimDet, { ...config, sampleRatio }, { trained: [name] });
    expect(outputs.latent!.shape).toEqual([3, Math.floor(L * sampleRatio), 16]);
    expect(["maps.0", "maps.1", "maps.2"].map((at) => outputs[at]!.shape)).toEqual([
      [3, 8, 8, 8],
      [3, 12, 4, 4],
      [3, 12, 2, 2],
    ]);
    expect(outputs.scores!.shape).toEqual([3, 10, 8, 8]);
    if (sampleRatio === 1) expect(norm(grads[name])).toBe(0);
    else expect(norm(grads[name])).toBeGreaterThan(1e-6);
  }
});

test("encoder and decoder start from one masked autoencoder, the stem from nothing", async () => {
  const c = { ...config, decoderDepth: 1 };
  const short: typeof mimDet = { ...mimDet, teachers: (own) => mimDet.teachers!(own).map((t) => ({ ...t, steps: 2 })) };
  const from = startingPoint(short, c, keyOf(1));
  const batch = toyBatch("segmentation", { seed: 1, n: 4, size: 32 }).inputs;
  const began = await trainTeachers(short, c, from, () => batch, keyOf(1));
  const moved = (name: string) => distance(began.params[name], from.params[name]) > 0;
  for (const name of [
    "encoder.blocks.0.attn.qkv.weight",
    "encoder.norm.weight",
    "decoder.decoder_embed.weight",
    "decoder.decoder_blocks.0.mlp.fc1.weight",
    "decoder.decoder_norm.bias",
  ]) {
    expect(moved(STAGES + name), name).toBe(true);
  }
  for (const name of [
    "encoder.patch_embed.proj.0.0.weight",
    "encoder.patch_embed.proj.2.3.weight",
    "decoder.conv_feat_proj.weight",
  ]) {
    expect(moved(STAGES + name), name).toBe(false);
  }
  expect(moved("backbone.fpn_lateral2.weight")).toBe(false);
});

describe("the detector's targets", () => {
  test("one centre for each object, its sides in cells, and heat of 1 there alone", () => {
    const grid = { shape: [1, 1, 16, 16], data: new Float32Array(256) };
    const kinds = { shape: [1, 1, 16, 16], data: new Float32Array(256) };
    for (let y = 2; y < 10; y++) {
      for (let x = 4; x < 16; x++) {
        grid.data[y * 16 + x] = 1;
        kinds.data[y * 16 + x] = 3;
      }
    }
    const { heat, centers, sizes } = centerMaps(grid, kinds, 5, 4);
    const at = 1 * 4 + 2; // rows 2 to 10, columns 4 to 16: centre (6, 10), cell (1, 2)
    expect(Array.from(centers.data.keys()).filter((i) => centers.data[i] === 1)).toEqual([at]);
    expect([sizes.data[at], sizes.data[16 + at]]).toEqual([2, 3]);
    expect(Array.from(heat.data.keys()).filter((i) => heat.data[i] === 1)).toEqual([2 * 16 + at]);
    expect(heat.data[2 * 16 + at + 1]).toBeCloseTo(Math.exp(-2), 6); // one cell off at a deviation of half a cell
  });

  test("focal loss equals its formula, and a map without centres is not divided by zero", async () => {
    const scores = [0.3, -1.2, 2, -0.5];
    const heat = [1, 0.6, 0, 0];
    const run = async (wanted: readonly number[]) => {
      const x: HostInputs = { heat: { shape: [4], data: Float64Array.from(wanted) } };
      const p = { scores: { shape: [4], data: Float64Array.from(scores) } };
      const { loss } = await evaluateWithGradients(
        (own, { heat: y }) => ({ loss: centerFocal(own.scores!, y!), outputs: {} }),
        p,
        x,
        ["scores"],
        "float64",
      );
      return loss.data[0]!;
    };
    const formula = (wanted: readonly number[]) =>
      scores.reduce((total, s, i) => {
        const p = 1 / (1 + Math.exp(-s));
        const y = wanted[i]!;
        return total - (y === 1 ? (1 - p) ** 2 * Math.log(p) : (1 - y) ** 4 * p ** 2 * Math.log(1 - p));
      }, 0);
    expect(await run(heat)).toBeCloseTo(formula(heat), 10);
    expect(await run([0, 0, 0, 0])).toBeCloseTo(formula([0, 0, 0, 0]), 10);
  });
});

test("it learns to find centres", async () => {
  const c = { ...config, depth: 1, decoderDepth: 1 };
  const key = keyOf(2);
  const t = trainer(mimDet, c, { steps: 40, lr: 3e-3 }, startingPoint(mimDet, c, key), key);
  const batch = toyBatch("segmentation", { seed: 3, n: 8, size: 32 }).inputs;
  const first = await t.step(batch);
  let last = first;
  for (let i = 1; i < 40; i++) last = await t.step(batch);
  t.dispose();
  expect(last).toBeLessThan(0.7 * first);
});
