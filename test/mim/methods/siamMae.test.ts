import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { framePairs } from "../../../src/mim/masking/framePair.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { type SiamMaeConfig, siamMae } from "../../../src/mim/methods/siamMae.ts";
import { stMae } from "../../../src/mim/methods/stMae.ts";
import { start } from "../../../src/mim/ops.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const config: SiamMaeConfig = { ...siamMae.toy.config, ...TINY };
const trained = ["blocks.0.mlp.fc1.weight", "decoder_blocks.0.cross_attn.kv.weight", "mask_token"];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(siamMae, config, { n: 2, trained });
});

const run = (inputs: Readonly<Record<string, HostTensor>>) =>
  evaluateOnce(siamMae, config, { inputs: { ...once.inputs, ...inputs }, params: once.params, state: once.state });
const hiddenOnly = (x: HostTensor, change: (v: number) => number) =>
  changed(x, (v, i) => {
    const [n, y, column] = [Math.floor(i / (3 * 256)), Math.floor(i / 16) % 16, i % 16];
    return once.inputs.mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(column / 4)] === 1 ? change(v) : v;
  });

describe("SiamMAE", () => {
  test("the earlier frame tells the later one's patches; what is hidden of the later does not", async () => {
    const other = await run({ earlier: changed(once.inputs.earlier!, (x) => 1 - x) });
    expect(distance(other.outputs.pred, once.outputs.pred)).toBeGreaterThan(1e-4);
    const later = await run({ later: hiddenOnly(once.inputs.later!, (x) => 1 - 0.5 * x) });
    expect(distance(later.outputs.pred, once.outputs.pred)).toBeLessThan(1e-12);
    expect(Math.abs(later.loss - once.loss)).toBeGreaterThan(1e-5);
  });

  test("the encoder sees each frame by itself; ST-MAE's sees the clip", async () => {
    const other = await run({ earlier: changed(once.inputs.earlier!, (x) => 1 - x) });
    expect(distance(other.outputs.second, once.outputs.second)).toBeLessThan(1e-12);
    const later = await run({ later: changed(once.inputs.later!, (x) => 1 - x) });
    expect(distance(later.outputs.first, once.outputs.first)).toBeLessThan(1e-12);
    expect(distance(later.outputs.second, once.outputs.second)).toBeGreaterThan(1e-3);
    // Of a clip, cubes of the first moment come out otherwise when later frames change.
    const own = { ...stMae.toy.config, ...TINY };
    const clip = await evaluateOnce(stMae, own, { n: 1 });
    const videos = changed(clip.inputs.videos!, (x, i) => (Math.floor(i / 256) % 8 >= 2 ? 1 - x : x));
    const changedClip = await evaluateOnce(stMae, own, { inputs: { ...clip.inputs, videos }, params: clip.params });
    const ids = clip.inputs.idsKeep!.data;
    const atStart = Array.from(ids).findIndex((id) => id < 16);
    const token = (x: OnceResult) => Array.from(x.outputs.latent!.data.subarray(atStart * 16, (atStart + 1) * 16));
    expect(Math.max(...token(clip).map((v, i) => Math.abs(v - token(changedClip)[i]!)))).toBeGreaterThan(1e-4);
  });

  test("the same weights encode both: a frame with all patches kept has the same latents in either place", async () => {
    const idsKeep = { shape: [2, 16], data: Int32Array.from({ length: 32 }, (_, i) => i % 16) };
    const idsRestore = { shape: [2, 16], data: idsKeep.data.slice() };
    const both = await run({ later: once.inputs.earlier!, idsKeep, idsRestore });
    expect(distance(both.outputs.second, both.outputs.first)).toBe(0);
    for (const grad of Object.values(once.grads)) expect(norm(grad)).toBeGreaterThan(0);
  });

  test("pairs lie in the clip, as far apart as told, at every allowed distance", () => {
    const { earlier, later } = framePairs(seededDraws(keyOf(1)), 500, 8, [2, 5]);
    const gaps = new Set<number>();
    earlier.forEach((from, n) => {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(later[n]).toBeLessThan(8);
      gaps.add(later[n]! - from);
    });
    expect([...gaps].toSorted()).toEqual([2, 3, 4, 5]);
    expect(() => framePairs(seededDraws(keyOf(1)), 1, 4, [1, 4])).toThrow("gaps from 1 to 3");
  });
});
