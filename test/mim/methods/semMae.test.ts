import { beforeAll, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostInputs } from "../../../src/mim/method.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { partEvenness, semMae } from "../../../src/mim/methods/semMae.ts";
import { semMaeParts } from "../../../src/mim/methods/semMaeParts.ts";
import { start } from "../../../src/mim/ops.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { startingPoint, trainer } from "../../../src/mim/train/trainer.ts";
import { changed, evaluateOnce, TINY } from "../evaluateOnce.ts";

const config = {
  ...semMae.toy.config,
  ...TINY,
  maskRatio: 0.5,
  stage1: { ...semMae.toy.config.stage1, ...TINY, parts: 3 },
};
const N = 40;
const partOf = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
const maps = {
  shape: [N, 3, 16],
  data: Float64Array.from({ length: N * 48 }, (_, i) => (partOf[i % 16] === Math.floor(i / 16) % 3 ? 1 : 0)),
};
const images = { shape: [N, 3, 16, 16], data: new Float32Array(N * 768) };

/** Hidden patches of each part in each sample. */
function hiddenByPart(inputs: HostInputs): number[][] {
  return Array.from({ length: N }, (_, n) =>
    [0, 1, 2].map((part) => partOf.filter((p, i) => p === part && inputs.mask!.data[n * 16 + i] === 1).length),
  );
}

const sizes = [8, 4, 4];
const even = (rows: number[][]) => rows.filter((row) => String(row) === "4,2,2").length;
const whole = (rows: number[][]) =>
  rows.filter((row) => row.filter((m, k) => m > 0 && m < sizes[k]!).length <= 1).length;

beforeAll(async () => {
  await start();
});

test("masks go from even shares of every part to whole parts; random ones do neither", () => {
  const at = (step: number) =>
    hiddenByPart(semMae.prepare(config, { images }, seededDraws(keyOf(1)), { step, steps: 1000 }, { maps }));
  expect(even(at(0))).toBe(N);
  expect(whole(at(999))).toBe(N);
  expect(whole(at(0))).toBe(0);
  const random = hiddenByPart(
    mae.prepare({ ...mae.toy.config, ...TINY, maskRatio: 0.5 }, { images }, seededDraws(keyOf(1)), {
      step: 0,
      steps: 1,
    }),
  );
  expect(even(random)).toBeLessThan(N / 2);
  expect(whole(random)).toBeLessThan(N / 2);
});

test("the first hidden part is not always the same one, and evenness falls from 1 to 0", () => {
  const rows = hiddenByPart(
    semMae.prepare(config, { images }, seededDraws(keyOf(2)), { step: 999, steps: 1000 }, { maps }),
  );
  expect(new Set(rows.map(String)).size).toBeGreaterThan(1);
  expect(partEvenness(-1, 800)).toBe(1);
  expect(partEvenness(799, 800)).toBeCloseTo(0, 12);
  expect(partEvenness(399, 800)).toBeCloseTo(0.5, 12);
});

test("the first stage learns maps that add up to one; its maps make the masks", async () => {
  const small = { ...semMaeParts.toy.config, ...TINY, parts: 3 };
  const once = await evaluateOnce(semMaeParts, small);
  const A = once.outputs.maps!;
  expect(A.shape).toEqual([3, 3, 16]);
  for (let i = 0; i < 16; i++) expect(A.data[i]! + A.data[16 + i]! + A.data[32 + i]!).toBeCloseTo(1, 6);
  const key = keyOf(4);
  const t = trainer(semMaeParts, small, { steps: 12, lr: 3e-3 }, startingPoint(semMaeParts, small, key), key);
  const losses: number[] = [];
  for (let s = 0; s < 12; s++) losses.push(await t.step(once.batch));
  t.dispose();
  expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);

  const run = await evaluateOnce(semMae, config, { step: 9, steps: 10 });
  const name = "stage1.parts.key.weight";
  const state = { ...run.state, [name]: changed(run.state[name]!, (v) => -v) };
  const other = await evaluateOnce(semMae, config, { step: 9, steps: 10, params: run.params, state: state as never });
  expect(other.inputs.mask).not.toEqual(run.inputs.mask);
});
