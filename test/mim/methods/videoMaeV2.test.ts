import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { videoMae } from "../../../src/mim/methods/videoMae.ts";
import { videoMaeV2 } from "../../../src/mim/methods/videoMaeV2.ts";
import { initParams } from "../../../src/mim/nn/params.ts";
import { start } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";
import { evaluated } from "../evaluated.ts";

beforeAll(async () => {
  await start();
});

const config = {
  ...videoMaeV2.toy.config,
  imageSize: [16, 16] as const,
  patchSize: 4,
  dim: 16,
  depth: 1,
  decoderDim: 8,
  heads: 2,
  decoderHeads: 2,
};
const [N, T, h] = [2, 4, 4];
const key = keyOf(5);
const videos = { shape: [N, 3, 8, 16, 16], data: normals(key, N * 3 * 8 * 256) };
const progress = { step: 0, steps: 1 };
const params = initParams(videoMaeV2.specs(config), key);
const dual = videoMaeV2.prepare(config, { videos }, seededDraws(key), progress);
const single = videoMae.prepare(config, { videos }, seededDraws(key), progress);

describe("VideoMAE V2", () => {
  test("decodes half of every 2 x 2 cell at each time and every place within four steps; VideoMAE decodes all it hides", () => {
    const ids = Array.from(dual.idsPredict!.data.subarray(0, dual.idsPredict!.shape[1]));
    const seen = new Set<number>();
    for (let t = 0; t < T; t++) {
      for (let cell = 0; cell < 4; cell++) {
        const [row, column] = [2 * Math.floor(cell / 2), 2 * (cell % 2)];
        const places = [0, 1, h, h + 1].map((step) => row * h + column + step);
        expect(places.filter((place) => ids.includes(t * h * h + place))).toHaveLength(2);
        for (const place of places) if (ids.includes(t * h * h + place)) seen.add(place);
      }
    }
    expect(seen.size).toBe(h * h);
    expect(dual.idsPredict!.shape[1]).toBe((T * h * h) / 2);
    expect(single.idsMask!.shape[1]).toBe(T * h * h * config.maskRatio);
  });

  test("learns nothing from a cube that the decoder passes over; VideoMAE does", async () => {
    const mask = Array.from(dual.mask!.data.subarray(0, T * h * h));
    const decoded = new Set(dual.idsPredict!.data.subarray(0, dual.idsPredict!.shape[1]));
    const passedOver = mask.findIndex((m, i) => m === 1 && !decoded.has(i));
    const [t, row, column] = [Math.floor(passedOver / (h * h)), Math.floor(passedOver / h) % h, passedOver % h];
    const data = videos.data.slice();
    for (let i = 0; i < 16; i++) data[(2 * t * 16 + row * 4 + (i >> 2)) * 16 + column * 4 + (i & 3)]! += i;
    const other = { videos: { ...videos, data } };
    const [a, b] = [
      await evaluated(videoMaeV2, config, params, dual),
      await evaluated(videoMaeV2, config, params, { ...dual, ...other }),
    ];
    expect(b.loss).toBe(a.loss);
    const [c, d] = [
      await evaluated(videoMae, config, params, single),
      await evaluated(videoMae, config, params, { ...single, ...other }),
    ];
    expect(d.loss).not.toBe(c.loss);
  });

  test("gives no weight to decoded cubes that the encoder saw", async () => {
    const unseen = Array.from(dual.unseen!.data);
    expect(unseen).toContain(0);
    const { loss, outputs } = await evaluated(videoMaeV2, config, params, dual);
    const F = outputs.pred!.shape[2]!;
    const squares = Array.from(outputs.pred!.data, (x, i) => (x - outputs.target!.data[i]!) ** 2);
    const sum = unseen.reduce((a, m, i) => a + m * squares.slice(i * F, (i + 1) * F).reduce((s, e) => s + e, 0), 0);
    expect(loss).toBeCloseTo(sum / (F * unseen.reduce((a, m) => a + m, 0)), 5);
  });

  test("is VideoMAE where the decoder's set is what the encoder does not see", async () => {
    const ones = { shape: single.idsMask!.shape, data: new Float32Array(single.idsMask!.data.length).fill(1) };
    const same = { ...single, idsPredict: single.idsMask!, unseen: ones };
    const [v1, v2] = [
      await evaluated(videoMae, config, params, single),
      await evaluated(videoMaeV2, config, params, same),
    ];
    expect(v2.loss).toBeCloseTo(v1.loss, 5);
  });
});
