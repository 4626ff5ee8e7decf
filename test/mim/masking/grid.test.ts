import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { blockwiseMasking } from "../../../src/mim/masking/blockwise.ts";
import { multiBlockMasking } from "../../../src/mim/masking/multiBlock.ts";
import { secondaryMasking } from "../../../src/mim/masking/secondary.ts";
import { shuffledMasking } from "../../../src/mim/masking/shuffled.ts";
import { uniformSampling } from "../../../src/mim/masking/uniformSampling.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const N = 40;
const [h, w] = [8, 12];
const L = h * w;
const row = (mask: Float32Array, n: number) => mask.subarray(n * L, (n + 1) * L);
const count = (mask: Float32Array) => mask.reduce((a, b) => a + b, 0);
/** Share of neighbours to the right that a hidden patch hides with it. */
const together = (mask: Float32Array) => {
  let [pairs, both] = [0, 0];
  mask.forEach((hidden, i) => {
    if (!hidden || i % w === w - 1) return;
    pairs++;
    if (mask[i + 1]) both++;
  });
  return both / pairs;
};

test("blocks hide at most the wanted number, and hide neighbours together more than random masks do", () => {
  const blocks = blockwiseMasking(seededDraws(keyOf(1)), N, [h, w], { hidden: 38, minBlock: 6, minAspect: 0.3 });
  const random = shuffledMasking(seededDraws(keyOf(1)), N, L, 38 / L);
  for (let n = 0; n < N; n++) expect(count(row(blocks, n))).toBeLessThanOrEqual(38);
  expect(count(blocks) / N).toBeGreaterThan(34);
  expect(together(blocks)).toBeGreaterThan(0.7);
  expect(together(random)).toBeLessThan(0.5);
});

test("a context block holds no patch of its sample's target blocks, unless overlap is allowed", () => {
  const options = {
    targets: 4,
    targetScale: [0.15, 0.2],
    targetAspect: [0.75, 1.5],
    contexts: 1,
    contextScale: [0.85, 1],
    minKeep: 4,
  } as const;
  const overlaps = (allowOverlap: boolean) => {
    const { context, target } = multiBlockMasking(seededDraws(keyOf(2)), N, [h, w], { ...options, allowOverlap });
    const [K, M] = [context[0]!.length / N, target[0]!.length / N];
    return Array.from({ length: N }, (_, n) => {
      const kept = new Set(context[0]!.subarray(n * K, (n + 1) * K));
      return target.reduce(
        (sum, t) => sum + t.subarray(n * M, (n + 1) * M).filter((patch) => kept.has(patch)).length,
        0,
      );
    });
  };
  expect(overlaps(false)).toEqual(new Array(N).fill(0));
  expect(Math.min(...overlaps(true))).toBeGreaterThan(0);
  const crowded = { ...options, targetScale: [0.01, 0.01], allowOverlap: false } as const;
  expect(() => multiBlockMasking(seededDraws(keyOf(2)), 1, [h, w], crowded)).toThrow("expected blocks of more than 4");
});

test("uniform sampling keeps one patch of every 2 x 2 window, all corners equally often; shuffling does not", () => {
  const perWindow = (mask: Float32Array) => {
    const kept = new Array<number>((N * L) / 4).fill(0);
    const corners = [0, 0, 0, 0];
    mask.forEach((hidden, i) => {
      if (hidden) return;
      const [n, y, x] = [Math.floor(i / L), Math.floor((i % L) / w), i % w];
      kept[(n * (h / 2) + (y >> 1)) * (w / 2) + (x >> 1)]! += 1;
      corners[2 * (y & 1) + (x & 1)]! += 4 / (N * L);
    });
    return { kept, corners };
  };
  const uniform = perWindow(uniformSampling(seededDraws(keyOf(3)), N, [h, w]));
  expect(new Set(uniform.kept)).toEqual(new Set([1]));
  for (const share of uniform.corners) expect(share * 4).toBeCloseTo(4 / 4, 0.5);
  expect(new Set(perWindow(shuffledMasking(seededDraws(keyOf(3)), N, L, 0.75)).kept).size).toBeGreaterThan(1);
  expect(() => uniformSampling(seededDraws(keyOf(3)), 1, [3, 4])).toThrow("expected an even grid, found 3 x 4");
});

test("secondary masking keeps a share of what the first mask kept and nothing else", () => {
  const draws = seededDraws(keyOf(4));
  const first = uniformSampling(draws, N, [h, w]);
  const { idsKeep, mask } = secondaryMasking(draws, first, [N, L], 0.25);
  const K = idsKeep.length / N;
  expect(K).toBe((L / 4) * 0.75);
  idsKeep.forEach((patch, i) => {
    expect(first[Math.floor(i / K) * L + patch]).toBe(0);
  });
  expect(count(mask)).toBe(N * (L - K));
});
