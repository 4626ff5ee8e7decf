import { beforeAll, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { lowAttentionMasking } from "../../../src/mim/masking/lowAttention.ts";
import { type MstConfig, mst } from "../../../src/mim/methods/mst.ts";
import { simmim } from "../../../src/mim/methods/simmim.ts";
import { start } from "../../../src/mim/ops.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, evaluateOnce } from "../evaluateOnce.ts";

const small = { imageSize: [16, 16] as const, patchSize: 4, dim: 16, depth: 1, heads: 2 };
const config: MstConfig = { ...mst.toy.config, ...small, headHidden: 16, bottleneck: 8, directions: 12 };

beforeAll(async () => {
  await start();
});

test("patches of high attention are never hidden, those of low attention by the coin, whatever the values", () => {
  const options = { candidates: 0.5, probability: 0.3 };
  const row = [0.4, 0.3, 0.2, 0.1];
  const N = 1000;
  const repeated = (power: number) => Array.from({ length: N }, () => row.map((v) => v ** power)).flat();
  const mask = lowAttentionMasking(seededDraws(keyOf(1)), repeated(1), [N, 4], options);
  const counts = [0, 1, 2, 3].map((patch) => mask.filter((v, i) => i % 4 === patch && v === 1).length);
  expect(counts.slice(0, 2)).toEqual([0, 0]);
  for (const count of counts.slice(2)) expect(Math.abs(count - 300)).toBeLessThan(45);
  expect(lowAttentionMasking(seededDraws(keyOf(1)), repeated(2), [N, 4], options)).toEqual(mask);
});

test("the teacher's attention decides, not the student's", async () => {
  const first = await evaluateOnce(mst, config);
  const name = "backbone.blocks.0.attn.qkv.weight";
  const turned = (x: { shape: readonly number[]; data: Float32Array | Float64Array }) => ({
    ...x,
    data: x.data.map((v, i) => v * Math.sin(i)),
  });
  const student = { ...first.params, [name]: turned(first.params[name]!) };
  const same = await evaluateOnce(mst, config, { batch: first.batch, params: student, state: first.state });
  expect(same.inputs.mask!.data).toEqual(first.inputs.mask!.data);
  const state = { ...first.state, [`teacher.${name}`]: turned(first.state[`teacher.${name}`]!) };
  const other = await evaluateOnce(mst, config, { batch: first.batch, params: first.params, state });
  expect(other.inputs.mask!.data).not.toEqual(first.inputs.mask!.data);
});

test("with nothing masked there is still an image to restore; SimMIM has no loss then", async () => {
  const first = await evaluateOnce(mst, config);
  const open = { ...first.inputs, mask: changed(first.inputs.mask!, () => 0) };
  expect((await evaluateOnce(mst, config, { ...first, inputs: open })).outputs.ofPixels!.data[0]).toBeGreaterThan(0.01);
  const encoder = { ...simmim.toy.config.encoder, ...small } as typeof simmim.toy.config.encoder;
  const s = { ...simmim.toy.config, encoder };
  const plain = await evaluateOnce(simmim, s);
  const unmasked = { ...plain.inputs, mask: changed(plain.inputs.mask!, () => 0) };
  expect((await evaluateOnce(simmim, s, { ...plain, inputs: unmasked })).loss).toBe(0);
});
