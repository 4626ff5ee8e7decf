import { beforeAll, expect, test } from "vitest";
import { beit } from "../../../src/mim/methods/beit.ts";
import { type IbotConfig, ibot } from "../../../src/mim/methods/ibot.ts";
import { start } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce } from "../evaluateOnce.ts";
import { updateOnce } from "../updateOnce.ts";

const config: IbotConfig = {
  ...ibot.toy.config,
  imageSize: [16, 16],
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  maskRatios: [{ middle: 0.4, spread: 0.1 }],
  crops: 0,
  headHidden: 16,
  bottleneck: 8,
  directions: 12,
};

beforeAll(async () => {
  await start();
});

/** Whether pixel i of [3, 3, 16, 16] lies under the mask's first half (first view). */
const masked = (mask: ArrayLike<number>) => (i: number) => {
  const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
  return mask[n * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
};

test("the tokenizer sees what the student does not: a hidden pixel moves the target and not the prediction", async () => {
  const first = await evaluateOnce(ibot, config);
  const hidden = masked(first.inputs.mask!.data);
  const images = changed(first.inputs.images!, (v, i) => (hidden(i) ? 1 - v : v));
  const again = await evaluateOnce(ibot, config, { ...first, inputs: { ...first.inputs, images } });
  expect(distance(again.outputs.studentPatches, first.outputs.studentPatches)).toBe(0);
  expect(distance(again.outputs.patchShares, first.outputs.patchShares)).toBeGreaterThan(1e-9);
});

test("patches are compared within a view, class tokens across views", async () => {
  const first = await evaluateOnce(ibot, config);
  const { mask } = first.inputs;
  const half = mask!.data.length / 2;
  const onlyFirst = { shape: mask!.shape, data: Float32Array.from(mask!.data, (v, i) => (i < half ? v : 0)) };
  const inputs = { ...first.inputs, mask: onlyFirst };
  const base = await evaluateOnce(ibot, config, { ...first, inputs });
  const views = changed(first.inputs.views!, (v) => 1 - v);
  const other = await evaluateOnce(ibot, config, { ...first, inputs: { ...inputs, views } });
  expect(distance(other.outputs.ofPatches, base.outputs.ofPatches)).toBe(0);
  expect(distance(other.outputs.ofClass, base.outputs.ofClass)).toBeGreaterThan(1e-9);
});

test("the tokenizer is online: teacher and centre move after a step, which BEiT's does not", async () => {
  const { inputs, outputs, params, state } = await evaluateOnce(ibot, config);
  const name = "head.mlp.0.weight";
  const student = params[name]!;
  const moved = { ...params, [name]: { ...student, data: student.data.map((v) => v + 1) } };
  const { teacherCls, teacherPatches } = outputs;
  const after = await updateOnce(ibot, config, state, moved, inputs, {
    teacherCls: teacherCls!,
    teacherPatches: teacherPatches!,
  });
  const m = inputs.momentum!.data[0]!;
  expect(after[`teacher.${name}`]!.data[0]).toBeCloseTo(student.data[0]! + (1 - m), 6);
  const first = Array.from(teacherCls!.data).filter((_, i) => i % config.directions === 0);
  const mean = first.reduce((a, b) => a + b, 0) / first.length;
  expect(after.center!.data[0]).toBeCloseTo((1 - config.centreMomentum) * mean, 9);
  const tokenizer = beit.state!.init(beit.toy.config, {});
  const kept = await updateOnce(beit, beit.toy.config, tokenizer, {}, {});
  for (const [key, x] of Object.entries(tokenizer)) expect(distance(kept[key], x)).toBe(0);
});
