import { beforeAll, describe, expect, test } from "vitest";
import type { Evaluation, HostTensor } from "../../../src/mim/method.ts";
import { omniMae } from "../../../src/mim/methods/omniMae.ts";
import { videoMae } from "../../../src/mim/methods/videoMae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { distance, evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const config = { ...omniMae.toy.config, ...TINY, imageMaskRatio: 0.75, videoMaskRatio: 0.9 };
const [N, places, T] = [2, 16, 4];
const trained = ["trunk.patch_embed.proj.1.weight", "trunk.blocks.0.attn.qkv.weight", "head.weight"];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(omniMae, config, { n: 2 * N, trained });
});

/** Clips of two frames, made of pictures [N, 3, H, W]; `second` tells the other frame from the picture's numbers. */
function twoFrames({ shape, data }: HostTensor, second: (x: number) => number): HostTensor {
  const [n, C, H, W] = shape as [number, number, number, number];
  const out = Float64Array.from({ length: 2 * data.length }, (_, i) => {
    const [plane, frame, pixel] = [Math.floor(i / (2 * H * W)), Math.floor(i / (H * W)) % 2, i % (H * W)];
    const x = data[plane * H * W + pixel]!;
    return frame === 0 ? x : second(x);
  });
  return { shape: [n, C, 2, H, W], data: out };
}

/** A run on given clips of two frames with the masks of the pictures of `once`. */
function asVideos(videos: HostTensor) {
  const names = ["mask", "ids", "idsKeep", "idsRestore"];
  const masks = Object.fromEntries(names.map((name) => [`${name}_videos`, once.inputs[`${name}_images`]!]));
  const inputs = { videos, ...masks };
  return evaluateOnce(omniMae, { ...config, frames: 2 }, { inputs, params: oneMoment(once.params), state: {} });
}

/** Position tables cut to the first moment. */
const oneMoment = (params: OnceResult["params"]): OnceResult["params"] =>
  Object.fromEntries(
    Object.entries(params).map(([name, x]) => [
      name,
      name.endsWith("pos_embed") ? { shape: [1, places, config.dim], data: x.data.slice(0, places * config.dim) } : x,
    ]),
  );

describe("OmniMAE", () => {
  test("a picture is the clip in which nothing moves: same latents, predictions, targets and loss", async () => {
    const still = await asVideos(twoFrames(once.inputs.images!, (x) => x));
    for (const name of ["latent", "pred", "target"]) {
      expect(distance(still.outputs[`videos.${name}`], once.outputs[`images.${name}`])).toBe(0);
    }
    expect(still.loss).toBe(once.outputs["images.loss"]!.data[0]);
    const dark = await asVideos(twoFrames(once.inputs.images!, () => 0)); // as if the missing frame were filled with zeros
    expect(distance(dark.outputs["videos.latent"], once.outputs["images.latent"])).toBeGreaterThan(1e-3);
  });

  test("pictures and clips train the same weights; VideoMAE has no way in for a picture", async () => {
    for (const kind of ["images", "videos"] as const) {
      const of = ({ outputs }: Evaluation) => (outputs[kind] as { readonly loss: Tensor }).loss;
      const { params, state, inputs } = once;
      const alone = await evaluateOnce(omniMae, config, { params, state, inputs, trained, of });
      for (const name of trained) expect(norm(alone.grads[name])).toBeGreaterThan(1e-6);
    }
    const pictures = toyBatch("rgb", { seed: 1, n: 2, size: 16 }).inputs;
    const withPictures = await evaluateOnce(omniMae, config, { batch: pictures });
    expect(withPictures.outputs["images.pred"]!.shape).toEqual([2, places, 2 * 16 * 3]);
    await expect(evaluateOnce(videoMae, { ...videoMae.toy.config, ...TINY }, { batch: pictures })).rejects.toThrow();
  });

  test("hides ⌊0.75 · 16⌋ cubes of a picture and ⌊0.9 · 64⌋ of a clip, wherever they are", () => {
    expect(once.inputs.idsKeep_images!.shape).toEqual([N, places - 12]);
    expect(once.inputs.idsKeep_videos!.shape).toEqual([N, T * places - 57]);
    const mask = once.inputs.mask_videos!.data;
    const differing = Array.from({ length: places }, (_, i) => mask[i] !== mask[places + i]);
    expect(differing.some(Boolean)).toBe(true); // no tubes
  });

  test("the loss is the mean of both kinds, though clips have four times as many cubes", () => {
    const [a, b] = [once.outputs["images.loss"]!.data[0]!, once.outputs["videos.loss"]!.data[0]!];
    expect(once.loss).toBeCloseTo((a + b) / 2, 10);
    expect(Math.abs(a - b)).toBeGreaterThan(1e-4);
  });

  test("a cube's target has mean 0 and variance 1 in each channel by itself", () => {
    const { data } = once.outputs["videos.target"]!;
    const variances = [0, 1, 2].map((channel) => {
      const values = Array.from({ length: 32 }, (_, i) => data[3 * i + channel]!);
      expect(values.reduce((a, b) => a + b, 0) / 32).toBeCloseTo(0, 8);
      return values.reduce((a, b) => a + b * b, 0) / 31;
    });
    for (const variance of variances) expect(Math.abs(variance - 1)).toBeLessThan(0.01);
  });
});
