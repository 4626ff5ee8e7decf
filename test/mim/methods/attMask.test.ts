import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostInputs } from "../../../src/mim/method.ts";
import { type AttMaskConfig, attMask } from "../../../src/mim/methods/attMask.ts";
import { ibot } from "../../../src/mim/methods/ibot.ts";
import { start } from "../../../src/mim/ops.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce } from "../evaluateOnce.ts";

const config: AttMaskConfig = {
  ...attMask.toy.config,
  imageSize: [16, 16],
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  maskRatios: [{ middle: 0.4, spread: 0.1 }],
  crops: 0,
  probability: 1,
  headHidden: 16,
  bottleneck: 8,
  directions: 12,
};
const [N, L] = [200, 64];
const wide = { ...config, imageSize: [32, 32] as const };

beforeAll(async () => {
  await start();
});

/** Masks of 2N views whose attention is a fixed row of noise each. */
function prepared(method: typeof attMask, c: AttMaskConfig): { mask: HostInputs[string]; attention: Float64Array } {
  const attention = seededDraws(keyOf(7)).uniform(2 * N * L);
  const images = { shape: [N, 3, 32, 32], data: new Float32Array(N * 3072) };
  const batch = { images, views: images };
  const guide = { attention: { shape: [2 * N, L], data: attention } };
  const { mask } = method.prepare(c, batch, seededDraws(keyOf(1)), { step: 0, steps: 10 }, guide);
  return { mask: mask!, attention };
}

/** Rows in which every hidden patch has at least the attention of every visible one, and the number hidden in each row. */
function ordered({ mask, attention }: ReturnType<typeof prepared>) {
  const rows = Array.from({ length: 2 * N }, (_, n) => {
    const pick = (wanted: number) =>
      Array.from(attention.subarray(n * L, (n + 1) * L)).filter((_, i) => mask.data[n * L + i] === wanted);
    const [hidden, visible] = [pick(1), pick(0)];
    return { hidden: hidden.length, high: Math.min(...hidden) > Math.max(...visible) };
  });
  return { counts: new Set(rows.map((row) => row.hidden)), high: rows.filter((row) => row.high).length };
}

describe("masks", () => {
  test("what the teacher attends to most is hidden, equally much in every view; iBOT's blocks follow no attention", () => {
    const { counts, high } = ordered(prepared(attMask, wide));
    expect(high).toBe(2 * N);
    expect(counts.size).toBe(1);
    const share = [...counts][0]! / L;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.5);
    expect(ordered(prepared(ibot as unknown as typeof attMask, wide)).high).toBe(0);
  });

  test("Low hides the other end, and only a share p of the views is masked", () => {
    const low = prepared(attMask, { ...wide, hide: "low" });
    expect(ordered({ ...low, attention: low.attention.map((a) => -a) }).high).toBe(2 * N);
    const half = ordered(prepared(attMask, { ...wide, probability: 0.5 })).high; // views left whole count as ordered too
    const whole = prepared(attMask, { ...wide, probability: 0.5 }).mask.data;
    const masked = Array.from({ length: 2 * N }, (_, n) => whole.slice(n * L, (n + 1) * L).some((v) => v === 1));
    const share = masked.filter(Boolean).length / (2 * N);
    expect(half).toBe(2 * N);
    expect(Math.abs(share - 0.5)).toBeLessThan(0.1);
  });

  test("Hint shows some of the most attended patches again and hides no others", () => {
    const high = prepared(attMask, wide);
    const hint = prepared(attMask, { ...wide, hintsAmong: 0.25 });
    const among = Math.floor(0.25 * L);
    let shown = 0;
    for (let n = 0; n < 2 * N; n++) {
      const row = Array.from(hint.attention.subarray(n * L, (n + 1) * L));
      const top = new Set([...row.keys()].sort((a, b) => row[b]! - row[a]!).slice(0, among));
      for (let i = 0; i < L; i++) {
        if (high.mask.data[n * L + i] === hint.mask.data[n * L + i]) continue;
        expect([high.mask.data[n * L + i], hint.mask.data[n * L + i], top.has(i)]).toEqual([1, 0, true]);
        shown++;
      }
    }
    const each = shown / (2 * N); // ⌊0.25 r' L⌋ with r' from 0.3 to 0.5
    expect(each).toBeGreaterThanOrEqual(4);
    expect(each).toBeLessThanOrEqual(8);
  });
});

test("the teacher's attention decides, not the student's", async () => {
  const first = await evaluateOnce(attMask, config);
  expect(first.inputs.mask!.data.some((v) => v === 1)).toBe(true);
  const name = "backbone.blocks.0.attn.qkv.weight";
  const turned = (x: { shape: readonly number[]; data: Float32Array | Float64Array }) => ({
    ...x,
    data: x.data.map((v, i) => v * Math.sin(i)),
  });
  const student = { ...first.params, [name]: turned(first.params[name]!) };
  const same = await evaluateOnce(attMask, config, { batch: first.batch, params: student, state: first.state });
  expect(same.inputs.mask!.data).toEqual(first.inputs.mask!.data);
  const state = { ...first.state, [`teacher.${name}`]: turned(first.state[`teacher.${name}`]!) };
  const other = await evaluateOnce(attMask, config, { batch: first.batch, params: first.params, state });
  expect(other.inputs.mask!.data).not.toEqual(first.inputs.mask!.data);
});

test("the student foretells what the teacher sees where the student sees nothing", async () => {
  const first = await evaluateOnce(attMask, config);
  const { mask, images } = first.inputs;
  const hidden = (i: number) => {
    const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
    return mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
  };
  const moved = changed(images!, (v, i) => (hidden(i) ? 1 - v : v));
  const again = await evaluateOnce(attMask, config, { ...first, inputs: { ...first.inputs, images: moved } });
  expect(distance(again.outputs.studentPatches, first.outputs.studentPatches)).toBe(0);
  expect(distance(again.outputs.patchShares, first.outputs.patchShares)).toBeGreaterThan(1e-9);
});
