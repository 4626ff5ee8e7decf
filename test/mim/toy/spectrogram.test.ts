import { expect, test } from "vitest";
import { sceneAt } from "../../../src/mim/toy/batch.ts";
import type { Scene, SceneObject } from "../../../src/mim/toy/scene.ts";
import { renderSpectrogram } from "../../../src/mim/toy/spectrogram.ts";

const bins = 44; // eight to an octave
const steps = 40;
const subjectOf = (change: Partial<SceneObject>): Scene => {
  const scene = sceneAt(3, 0);
  const still = { x: 0.5, y: 0.5, velocity: [0, 0] as const, spin: 0, pitch: 1, period: 0.16, phase: [0, 0] as const };
  return { ...scene, objects: [{ ...scene.objects[0]!, shape: "disc", texture: "striped", ...still, ...change }] };
};
/** Loudest bin of each step, and loudness of a bin over time. */
const loudest = ({ data }: { data: Float32Array }) =>
  Array.from({ length: steps }, (_, t) => {
    const row = data.subarray(t * bins, (t + 1) * bins);
    return row.indexOf(Math.max(...row));
  });
const peaks = ({ data }: { data: Float32Array }) => {
  const mean = Array.from(
    { length: bins },
    (_, b) => data.filter((_, i) => i % bins === b).reduce((a, x) => a + x) / steps,
  );
  return mean.flatMap((x, b) => (x > 0.4 && x >= (mean[b - 1] ?? 0) && x > (mean[b + 1] ?? 0) ? [b] : []));
};

test("a tone rises with its object and stays where the object stays", () => {
  const still = loudest(renderSpectrogram(subjectOf({}), bins, steps));
  expect(new Set(still).size).toBe(1);
  const rising = loudest(renderSpectrogram(subjectOf({ y: 0.6, velocity: [0, -0.035] }), bins, steps));
  expect(rising.at(-1)! - rising[0]!).toBeGreaterThanOrEqual(1);
  rising.forEach((bin, t) => {
    expect(bin).toBeGreaterThanOrEqual(rising[Math.max(0, t - 1)]!);
  });
});

test("the outline is heard in the overtones: a triangle lacks the even ones, a cross has all", () => {
  const tone = (b: number) =>
    Math.round(2 ** ((b - peaks(renderSpectrogram(subjectOf({}), bins, steps))[0]!) / (43 / 5.5)));
  const overtones = (shape: SceneObject["shape"]) =>
    peaks(renderSpectrogram(subjectOf({ shape, texture: "plain" }), bins, steps)).map(tone);
  expect(overtones("triangle")).toEqual(expect.arrayContaining([1, 3, 5]));
  expect(overtones("triangle")).not.toEqual(expect.arrayContaining([2]));
  expect(overtones("cross")).toEqual(expect.arrayContaining([1, 2, 3]));
});

test("the pattern is heard in the rhythm: spots click between silences, bands swell, and neither shifts the pitch", () => {
  const loudness = (texture: SceneObject["texture"]) => {
    const { data } = renderSpectrogram(subjectOf({ texture }), bins, steps);
    const [tone] = peaks({ data });
    return Array.from({ length: steps }, (_, t) => data[t * bins + tone!]!);
  };
  const jump = (x: number[]) => Math.max(...x.slice(1).map((value, t) => Math.abs(value - x[t]!)));
  expect(jump(loudness("dotted"))).toBeGreaterThan(0.3);
  expect(jump(loudness("plain"))).toBeLessThan(0.01);
  expect(jump(loudness("striped"))).toBeLessThan(0.3);
  expect(Math.max(...loudness("striped")) - Math.min(...loudness("striped"))).toBeGreaterThan(0.2);
});

test("every sound stays in range and above the noise", () => {
  for (let index = 0; index < 20; index++) {
    const { data, shape } = renderSpectrogram(sceneAt(4, index), 32);
    expect(shape).toEqual([1, 32, 32]);
    expect(data.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.max(...data)).toBeGreaterThan(0.7);
    expect(data.filter((x) => x < 0.35).length).toBeGreaterThan(100);
  }
});
