import { describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { motionGuidedMasking } from "../../../src/mim/masking/motionGuided.ts";
import { tubeMasking } from "../../../src/mim/masking/tube.ts";
import { mgMae } from "../../../src/mim/methods/mgMae.ts";
import { sceneAt, toyBatch } from "../../../src/mim/toy/batch.ts";
import { stack } from "../../../src/mim/toy/dense.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import type { Scene } from "../../../src/mim/toy/scene.ts";
import { rasterize } from "../../../src/mim/toy/surface.ts";
import { renderVideo, sceneAtFrame } from "../../../src/mim/toy/video.ts";

const clip = { size: [8, 32, 32], tubelet: [2, 4, 4] } as const;
const [slices, h, w] = [4, 8, 8];
const P = 32 * 32;
const draws = (seed: number) => seededDraws(keyOf(seed));

/** The same shift to the right at every pixel, and back. */
const uniform = (right: number) => ({
  forward: Float64Array.from({ length: 2 * 7 * P }, (_, i) => (i < 7 * P ? right : 0)),
  backward: Float64Array.from({ length: 2 * 7 * P }, (_, i) => (i < 7 * P ? -right : 0)),
});
const masks = (seed: number, right: number) => motionGuidedMasking(draws(seed), 1, clip, uniform(right), 0.75);
const slice = (mask: Float32Array, t: number) => mask.subarray(t * h * w, (t + 1) * h * w);

describe("motion-guided masks", () => {
  test("without motion are tubes", () => {
    const mask = masks(1, 0);
    for (let t = 1; t < slices; t++) expect(slice(mask, t)).toEqual(slice(mask, 0));
  });

  test("keep as many cubes in every time slice, whatever moves", () => {
    const { flow, backwardFlow } = toyBatch("video", { seed: 2, n: 3, size: 32 }).inputs;
    const motion = { forward: flow!.data, backward: backwardFlow!.data };
    const mask = motionGuidedMasking(draws(2), 3, clip, motion, 0.75);
    for (let t = 0; t < 3 * slices; t++) expect(slice(mask, t).filter((m) => m === 0)).toHaveLength(16);
  });

  test("under a steady shift of half a patch a frame move on by one patch a slice; tubes stand still", () => {
    for (let seed = 0; seed < 5; seed++) {
      const mask = masks(seed, 2);
      let [follows, all] = [0, 0];
      for (let t = 2; t < slices; t++) {
        const [before, now] = [slice(mask, t - 1), slice(mask, t)];
        for (let i = 0; i < h * w; i++) {
          if (i % w < 2) continue; // what comes in at the edge is drawn anew
          all++;
          if (now[i] === before[i - 1]) follows++;
        }
      }
      expect(follows / all).toBeGreaterThan(0.9);
      const tube = tubeMasking(draws(seed), 1, { frames: slices, patches: h * w }, 0.75);
      expect(slice(tube, 3)).toEqual(slice(tube, 2));
    }
  });

  test("let less of the moving subject be seen over time than tubes do", () => {
    let [guided, tubes] = [0, 0];
    const n = 48;
    const scenes = Array.from({ length: n }, (_, i) => swift(sceneAt(5, i)));
    const films = scenes.map((scene) => renderVideo(scene, 32));
    const motion = {
      forward: stack(films.map(({ flow }) => flow)).data,
      backward: stack(films.map(({ backwardFlow }) => backwardFlow)).data,
    };
    const moving = motionGuidedMasking(draws(7), n, clip, motion, 0.75);
    const still = tubeMasking(draws(7), n, { frames: slices, patches: h * w }, 0.75);
    for (const [i, scene] of scenes.entries()) {
      guided += seenShare(moving.subarray(i * slices * h * w, (i + 1) * slices * h * w), scene);
      tubes += seenShare(still.subarray(i * slices * h * w, (i + 1) * slices * h * w), scene);
    }
    expect(guided).toBeLessThan(tubes);
  });
});

/** The scene in so fast a motion that its objects leave patches behind within a clip. */
const swift = (scene: Scene): Scene => ({
  ...scene,
  objects: scene.objects.map((object) => ({
    ...object,
    velocity: [3 * object.velocity[0], 3 * object.velocity[1]],
    spin: 4 * object.spin,
  })),
});

/** Share of points of the subject, moving with it, that some frame shows. */
function seenShare(mask: Float32Array, scene: Scene): number {
  const subject = scene.objects[0]!;
  const id = rasterize(scene, 32).id;
  let [seen, points] = [0, 0];
  for (let p = 0; p < P; p++) {
    if (id[p] !== 1) continue;
    points++;
    const [dx, dy] = [((p % 32) + 0.5) / 32 - subject.x, (Math.floor(p / 32) + 0.5) / 32 - subject.y];
    const shown = Array.from({ length: 8 }, (_, t) => {
      const { x, y, angle } = sceneAtFrame(scene, t).objects[0]!;
      const [c, s] = [Math.cos(angle - subject.angle), Math.sin(angle - subject.angle)];
      const [column, row] = [Math.floor((x + c * dx - s * dy) * 8), Math.floor((y + s * dx + c * dy) * 8)];
      if (row < 0 || column < 0 || row >= 8 || column >= 8) return false;
      return mask[Math.floor(t / 2) * h * w + row * w + column] === 0;
    });
    if (shown.includes(true)) seen++;
  }
  return seen / points;
}

test("MGMAE prepares its inputs from clips with flow", () => {
  const { inputs: batch } = toyBatch("video", { seed: 2, start: 0, n: 2, size: 32 });
  const config = { ...mgMae.toy.config, imageSize: [32, 32] as const, patchSize: 8, maskRatio: 0.75 };
  const inputs = mgMae.prepare(config, batch, draws(3), { step: 0, steps: 1 });
  expect(inputs.idsKeep!.shape).toEqual([2, 16]);
  expect(inputs.idsMask!.shape).toEqual([2, 48]);
});
