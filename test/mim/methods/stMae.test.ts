import { beforeAll, describe, expect, test } from "vitest";
import { spaceTimePositions } from "../../../src/mim/architecture/spaceTimeViT.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import { stMae } from "../../../src/mim/methods/stMae.ts";
import { videoMae } from "../../../src/mim/methods/videoMae.ts";
import { initParams, toTensors } from "../../../src/mim/nn/params.ts";
import { readSync, scope, start } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";
import { evaluated } from "../evaluated.ts";

beforeAll(async () => {
  await start();
});

const config = {
  ...stMae.toy.config,
  imageSize: [16, 16] as const,
  patchSize: 4,
  dim: 16,
  depth: 1,
  decoderDim: 8,
  heads: 2,
  decoderHeads: 2,
};
const [T, places] = [4, 16];
const key = keyOf(6);
const clips = (N: number) => ({ shape: [N, 3, 8, 16, 16], data: normals(key, N * 3 * 8 * 256) });
const progress = { step: 0, steps: 1 };

describe("ST-MAE", () => {
  test("hides cubes without regard to time: what is hidden at one time says nothing of another; in tubes it says all", () => {
    const N = 600;
    const videos = { shape: [N, 3, 8, 16, 16], data: new Float32Array(0) };
    const correlation = (mask: ArrayLike<number>) => {
      let [both, hidden] = [0, 0];
      for (let n = 0; n < N; n++) {
        for (let i = 0; i < places; i++) {
          const [a, b] = [mask[n * T * places + i]!, mask[(n * T + 2) * places + i]!];
          both += a * b;
          hidden += (a + b) / 2;
        }
      }
      const share = hidden / (N * places);
      return (both / (N * places) - share * share) / (share * (1 - share));
    };
    const agnostic = stMae.prepare(config, { videos }, seededDraws(key), progress).mask!.data;
    const tubes = videoMae.prepare(config, { videos }, seededDraws(key), progress).mask!.data;
    expect(Math.abs(correlation(agnostic))).toBeLessThan(0.05);
    expect(correlation(tubes)).toBeCloseTo(1, 10);
    const inSlice = (mask: ArrayLike<number>, n: number, t: number) =>
      Array.from({ length: places }, (_, i) => mask[(n * T + t) * places + i]!).reduce((a, b) => a + b, 0);
    const counts = (mask: ArrayLike<number>) => new Set(Array.from({ length: N }, (_, n) => inSlice(mask, n, 0)));
    expect(counts(agnostic).size).toBeGreaterThan(3);
    expect(counts(tubes).size).toBe(1);
  });

  test("places cubes by a table of space plus one of time", () => {
    scope(() => {
      const table = readSync(spaceTimePositions(toTensors(initParams(stMae.specs(config), key)), ""));
      const D = config.dim;
      const at = (t: number, s: number, k: number) => table[(t * places + s) * D + k]!;
      for (let t = 1; t < T; t++) {
        for (let s = 1; s < places; s++) {
          for (let k = 0; k < D; k++) expect(at(t, s, k) - at(0, s, k) - at(t, 0, k) + at(0, 0, k)).toBeCloseTo(0, 6);
        }
      }
      expect(Math.abs(at(1, 0, 0) - at(0, 0, 0)) + Math.abs(at(0, 1, 0) - at(0, 0, 0))).toBeGreaterThan(1e-4);
      return [];
    });
  });

  test("predicts frames 0, 2, 4 and 7 of eight: the others of a hidden cube leave the loss as it is; VideoMAE needs all", async () => {
    const videos = clips(1);
    const changed = (inputs: { mask: ArrayLike<number> }, frame: number) => {
      const hidden = Array.from(inputs.mask).findIndex((m, i) => m === 1 && Math.floor(i / places) === frame >> 1);
      const [row, column] = [Math.floor((hidden % places) / 4) * 4, (hidden % 4) * 4];
      const data = videos.data.slice();
      for (let i = 0; i < 16; i++) data[(frame * 16 + row + (i >> 2)) * 16 + column + (i & 3)]! += i;
      return { ...videos, data };
    };
    const params = initParams(stMae.specs(config), key);
    const inputs = stMae.prepare(config, { videos }, seededDraws(key), progress);
    const loss = async (frame?: number) => {
      const seen = frame === undefined ? videos : changed({ mask: inputs.mask!.data }, frame);
      return (await evaluated(stMae, config, params, { ...inputs, videos: seen })).loss;
    };
    expect(await loss(3)).toBe(await loss());
    expect(await loss(2)).not.toBe(await loss());
    const tubes = videoMae.prepare(config, { videos }, seededDraws(key), progress);
    const own = initParams(videoMae.specs(config), key);
    const other = async (seen: typeof videos) =>
      (await evaluated(videoMae, config, own, { ...tubes, videos: seen })).loss;
    expect(await other(changed({ mask: tubes.mask!.data }, 3))).not.toBe(await other(videos));
  });
});
