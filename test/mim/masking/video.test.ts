import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { frameMasking } from "../../../src/mim/masking/frame.ts";
import { runningCell } from "../../../src/mim/masking/runningCell.ts";
import { shuffledMasking } from "../../../src/mim/masking/shuffled.ts";
import { tubeMasking } from "../../../src/mim/masking/tube.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const clip = { frames: 6, patches: 16 };
const N = 8;
const at = (mask: Float32Array, n: number, t: number, p: number) => mask[(n * clip.frames + t) * clip.patches + p]!;
/** Share of (sample, patch, frame) whose hidden state equals that of the same patch in the first frame. */
const constantInTime = (mask: Float32Array) =>
  mask.filter((hidden, i) => {
    const [n, p] = [Math.floor(i / (clip.frames * clip.patches)), i % clip.patches];
    return hidden === at(mask, n, 0, p);
  }).length / mask.length;
/** The same for the first patch of the frame. */
const constantInSpace = (mask: Float32Array) =>
  mask.filter((hidden, i) => hidden === mask[i - (i % clip.patches)]).length / mask.length;

test("tubes do not change in time, hidden frames not in space, space-time masks in both; all hide the same share", () => {
  const tubes = tubeMasking(seededDraws(keyOf(1)), N, clip, 0.5);
  const frames = frameMasking(seededDraws(keyOf(1)), N, clip, 0.5);
  const anywhere = shuffledMasking(seededDraws(keyOf(1)), N, clip.frames * clip.patches, 0.5);
  for (const mask of [tubes, frames, anywhere]) expect(mask.reduce((a, b) => a + b, 0)).toBe(mask.length / 2);
  expect([constantInTime(tubes), constantInSpace(frames)]).toEqual([1, 1]);
  for (const other of [constantInTime(frames), constantInTime(anywhere)]) expect(other).toBeLessThan(0.8);
  for (const other of [constantInSpace(tubes), constantInSpace(anywhere)]) expect(other).toBeLessThan(0.8);
});

test("a running cell takes the same share of every frame and every place once in four frames", () => {
  for (const [ratio, taken] of [
    [0.5, 2],
    [0.75, 1],
  ] as const) {
    const mask = runningCell(4, [4, 4], ratio, 1);
    for (let t = 0; t < 4; t++) expect(mask.subarray(t * 16, (t + 1) * 16).reduce((a, b) => a + b, 0)).toBe(16 * ratio);
    for (let p = 0; p < 16; p++) {
      expect([0, 1, 2, 3].filter((t) => mask[t * 16 + p] === 0).length).toBe(taken);
    }
  }
  expect(() => runningCell(2, [4, 4], 0.1, 0)).toThrow(
    "expected a ratio that passes over 1 to 3 of 4 tokens, found 0.1",
  );
});
