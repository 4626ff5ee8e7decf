import { beforeAll, describe, expect, test } from "vitest";
import { type MvdConfig, mvd } from "../../../src/mim/methods/mvd.ts";
import { videoMae } from "../../../src/mim/methods/videoMae.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const teacher = { dim: 16, depth: 1, heads: 2, patchSize: 4, imageSize: TINY.imageSize };
const config: MvdConfig = {
  ...mvd.toy.config,
  ...TINY,
  imageTeacher: { ...mvd.toy.config.imageTeacher, ...TINY, ...teacher },
  videoTeacher: { ...mvd.toy.config.videoTeacher, ...TINY, ...teacher },
};
const trained = ["patch_embed.proj.weight", "decoder_img.head.weight", "decoder_vid.head.weight"];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(mvd, config, { n: 2, trained });
});

describe("MVD", () => {
  test("the image teacher looks at one frame of a tubelet, the video teacher at both", async () => {
    const { params, state } = once;
    // In the first clip frame 3 is made otherwise, the second of its tubelet; in the second clip frame 2, the first.
    const perClip = 3 * 8 * 256;
    const videos = changed(once.inputs.videos!, (x, i) =>
      Math.floor(i / 256) % 8 === (i < perClip ? 3 : 2) ? 1 - x : x,
    );
    const other = await evaluateOnce(mvd, config, { inputs: { ...once.inputs, videos }, params, state });
    const moved = (name: string, clip: number) => {
      const [a, b] = [once.outputs[name]!.data, other.outputs[name]!.data];
      const half = a.length / 2;
      return Array.from(a.subarray(clip * half, (clip + 1) * half)).some((v, i) => v !== b[clip * half + i]);
    };
    expect([0, 1].map((clip) => moved("image.target", clip))).toEqual([false, true]);
    expect([0, 1].map((clip) => moved("video.target", clip))).toEqual([true, true]);
  });

  test("each teacher trains its own decoder, both train the encoder", async () => {
    const alone = await evaluateOnce(mvd, { ...config, videoWeight: 0 }, { n: 2, trained });
    expect(norm(alone.grads["decoder_vid.head.weight"])).toBe(0);
    expect(norm(alone.grads["decoder_img.head.weight"])).toBeGreaterThan(0);
    expect(norm(alone.grads["patch_embed.proj.weight"])).toBeGreaterThan(0);
    expect(norm(once.grads["decoder_vid.head.weight"])).toBeGreaterThan(0);
  });

  test("predicts what the teachers say, not pixels; VideoMAE has no teacher and predicts a cube's numbers", async () => {
    const { inputs, params } = once;
    const state = Object.fromEntries(
      Object.entries(once.state).map(([name, x]) => [name, changed(x, (v) => 1.5 * v)]),
    ) as typeof once.state;
    const other = await evaluateOnce(mvd, config, { inputs, params, state });
    expect(other.loss).not.toBe(once.loss);
    expect(distance(once.outputs.latent, other.outputs.latent)).toBe(0);
    expect(mvd.specs(config)["decoder_vid.head.weight"]!.shape[0]).toBe(config.videoTeacher.dim);
    expect(videoMae.state).toBeUndefined();
    expect(videoMae.specs(config.videoTeacher)["decoder.head.weight"]!.shape[0]).toBe(2 * 4 * 4 * 3);
  });
});
