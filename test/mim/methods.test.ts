/** Every method of the package is listed, has its four parts on disk, trains a step, and gives features. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as algorithm1 from "../../src/mim/algorithm1.ts";
import * as algorithm2 from "../../src/mim/algorithm2.ts";
import { METHODS } from "../../src/mim/methods/all.ts";
import { start } from "../../src/mim/ops.ts";
import { toyBatch } from "../../src/mim/toy/batch.ts";
import { keyOf } from "../../src/mim/toy/random.ts";
import { startingPoint, trainer } from "../../src/mim/train/trainer.ts";

vi.mock("../../src/mim/algorithm1.ts", { spy: true });
vi.mock("../../src/mim/algorithm2.ts", { spy: true });

const root = join(import.meta.dirname, "../..");

beforeAll(async () => {
  await start();
});

test("every file of src/mim/methods holds a listed method", async () => {
  const listed = new Set<unknown>(METHODS);
  for (const file of readdirSync(join(root, "src/mim/methods")).filter((name) => name !== "all.ts")) {
    const exported = Object.values((await import(join(root, "src/mim/methods", file))) as Record<string, unknown>);
    expect(
      exported.some((value) => listed.has(value)),
      file,
    ).toBe(true);
  }
  expect(new Set(METHODS.map(({ id }) => id)).size).toBe(METHODS.length);
});

describe.each(METHODS.map((method) => [method.id, method] as const))("%s", (_, method) => {
  test("names parts and a proof that exist", () => {
    for (const { file } of Object.values(method.recipe)) {
      expect(existsSync(join(root, "src/mim", `${file}.ts`)), file).toBe(true);
    }
    expect(existsSync(join(root, method.evidence.proof)), method.evidence.proof).toBe(true);
    expect(["parity", "mechanism"]).toContain(method.evidence.level);
  });

  test("takes a step of its toy preset by the algorithm that it names, and gives finite features", async () => {
    const { modality, config, lr } = method.toy;
    const size = (config as { imageSize?: readonly number[] }).imageSize?.[0] ?? 32;
    const { inputs } = toyBatch(modality, { seed: 1, n: 4, size });
    const [reconstruct, contrast] = [vi.mocked(algorithm1.reconstruct), vi.mocked(algorithm2.contrast)];
    reconstruct.mockClear();
    contrast.mockClear();
    const key = keyOf(1);
    const t = trainer(method, config, { steps: 10, lr }, startingPoint(method, config, key), key);
    const loss = await t.step(inputs);
    expect(Number.isFinite(loss)).toBe(true);
    expect(loss, "of a preset that hides nothing").not.toBe(0);
    const runs = [...(reconstruct.mock.calls.length > 0 ? [1] : []), ...(contrast.mock.calls.length > 0 ? [2] : [])];
    expect(runs, "the algorithm that it says it runs").toEqual(method.algorithm ? [method.algorithm] : []);
    const features = await t.encode(inputs);
    expect(features.shape[0]).toBe(4);
    expect(Array.from(features.data).every(Number.isFinite)).toBe(true);
    t.dispose();
  });
});
