/** Parts that recordings of whole models hold: masks, groups and orders equal those of the authors' code. */
import { expect, test } from "vitest";
import { introsortOrder } from "../../../src/mim/architecture/introsortOrder.ts";
import { optimalGrouping } from "../../../src/mim/architecture/optimalGrouping.ts";
import { importanceSampling } from "../../../src/mim/masking/importanceSampling.ts";
import { nearestCentersMasking } from "../../../src/mim/masking/nearestCenters.ts";
import { shuffledMasking } from "../../../src/mim/masking/shuffled.ts";
import { timeFrequencyMasking } from "../../../src/mim/masking/timeFrequency.ts";
import type { JsonTensor, RecordedDraw } from "../../../src/mim/parity/fixture.ts";
import { recordedDraws } from "../../../src/mim/parity/recordedDraws.ts";
import { pointGroups } from "../../../src/mim/points/pointGroups.ts";
import { goldenFixture } from "../goldenFixture.ts";

type Tensors<Name extends string> = Readonly<Record<Name, JsonTensor>>;
interface Drawn {
  readonly draws: readonly RecordedDraw[];
}

test("Point-MAE: centres, groups, random and block masks", () => {
  const { inputs, outputs, config, draws, block_mask } = goldenFixture("point_mae");
  const [N, P] = inputs!.pts!.shape as [number, number];
  const [G, K] = [config.num_group as number, config.group_size as number];
  const groups = pointGroups(inputs!.pts!.data, [N, P], G, K);
  expect([...groups.idsCenter]).toEqual(outputs!.fps_idx!.data);
  expect([...groups.centers]).toEqual(outputs!.center!.data);
  groups.neighborhoods.forEach((x, i) => {
    expect(x).toBeCloseTo(outputs!.neighborhood!.data[i]!, 6); // recorded with seven digits
  });
  const ratio = config.mask_ratio as number;
  expect([...shuffledMasking(recordedDraws(draws), N, G, ratio)]).toEqual(outputs!.mask!.data);
  const block = block_mask as Drawn & Tensors<"mask">;
  expect([...nearestCentersMasking(recordedDraws(block.draws), groups.centers, [N, G], ratio)]).toEqual(
    block.mask.data,
  );
});

test("AudioMAE: time steps and frequency bands hidden together", () => {
  const recorded = goldenFixture("audiomae").masking_2d as Drawn &
    Tensors<"mask"> &
    Record<"T" | "F" | "mask_t_prob" | "mask_f_prob", number>;
  const mask = timeFrequencyMasking(recordedDraws(recorded.draws), recorded.mask.shape[0]!, {
    grid: [recorded.T, recorded.F],
    timeRatio: recorded.mask_t_prob,
    frequencyRatio: recorded.mask_f_prob,
  });
  expect([...mask]).toEqual(recorded.mask.data);
});

test("MILAN: patches kept in the order in which they were drawn by importance", () => {
  const recorded = goldenFixture("losses_regression_cosine").milan as Drawn &
    Tensors<"importance" | "ids_restore" | "ids_keep"> & { mask_ratio: number };
  const [N, L] = recorded.importance.shape as [number, number];
  const ours = importanceSampling(recordedDraws(recorded.draws), recorded.importance.data, [N, L], recorded.mask_ratio);
  expect([...ours.idsKeep]).toEqual(recorded.ids_keep.data);
  expect([...ours.idsRestore]).toEqual(recorded.ids_restore.data);
});

test("windows that do not fit a group are refused", () => {
  expect(() => optimalGrouping([3, 9], 8)).toThrow("expected windows of at most 8 tokens, found 9");
});

test("the order of std::sort is an order: keys ascend, every index once, and up to sixteen equal keys keep theirs", () => {
  for (const n of [0, 1, 16, 17, 100, 1000]) {
    const keys = Array.from({ length: n }, (_, i) => (i * 7919) % 13);
    const order = introsortOrder(keys);
    expect(Array.from(order, (i) => keys[i]!)).toEqual(keys.toSorted((a, b) => a - b));
    expect([...order].sort((a, b) => a - b)).toEqual(keys.map((_, i) => i));
  }
  expect([...introsortOrder(new Array(16).fill(1))]).toEqual(Array.from({ length: 16 }, (_, i) => i));
  expect([...introsortOrder(new Array(17).fill(1))]).not.toEqual(Array.from({ length: 17 }, (_, i) => i));
});
