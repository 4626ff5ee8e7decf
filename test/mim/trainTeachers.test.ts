import { beforeAll, expect, test } from "vitest";
import type { HostInputs } from "../../src/mim/method.ts";
import { dmaeDistillation } from "../../src/mim/methods/dmaeDistillation.ts";
import { mae } from "../../src/mim/methods/mae.ts";
import { start } from "../../src/mim/ops.ts";
import { toyBatch } from "../../src/mim/toy/batch.ts";
import { keyOf } from "../../src/mim/toy/random.ts";
import { startingPoint, trainer } from "../../src/mim/train/trainer.ts";
import { trainTeachers } from "../../src/mim/train/trainTeachers.ts";

beforeAll(async () => {
  await start();
});

const small = { ...mae.toy.config, imageSize: [16, 16] as const, patchSize: 4, dim: 32, depth: 1, decoderDim: 16 };
const config = { ...dmaeDistillation.toy.config, ...small, teacher: { ...small, dim: 48, depth: 1 } };
const method = {
  ...dmaeDistillation,
  teachers: () => dmaeDistillation.teachers!(config).map((t) => ({ ...t, steps: 1 })),
};
const aligned = { ...config, alignedBlocks: [0], teacherBlocks: [0] };
const batch = (step: number): HostInputs => toyBatch("rgb", { seed: 1, n: 4, size: 16, start: step * 4 }).inputs;

test("a teacher is trained first, stands in the state under its prefix, and stays as it is", async () => {
  const key = keyOf(5);
  const untrained = startingPoint(method, aligned, key);
  const from = await trainTeachers(method, aligned, untrained, batch, key);
  expect(Object.keys(from.state)).toEqual(Object.keys(untrained.state));
  const weight = "teacher.blocks.0.attn.qkv.weight";
  expect(from.state[weight]!.data).not.toEqual(untrained.state[weight]!.data);
  const run = trainer(method, aligned, { steps: 4, lr: 1e-3 }, from, key);
  for (let s = 0; s < 1; s++) await run.step(batch(s));
  const { state, params } = await run.checkpoint();
  run.dispose();
  expect(state[weight]!.data).toEqual(from.state[weight]!.data);
  expect(params["blocks.0.attn.qkv.weight"]!.data).not.toEqual(from.params["blocks.0.attn.qkv.weight"]!.data);
});
