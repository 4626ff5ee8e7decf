import { describe, expect, test } from "vitest";
import { sceneAt } from "../../../src/mim/toy/batch.ts";
import { renderPoints } from "../../../src/mim/toy/points.ts";
import { renderRgb } from "../../../src/mim/toy/rgb.ts";
import { rasterize } from "../../../src/mim/toy/surface.ts";
import { renderVideo, sceneAtFrame } from "../../../src/mim/toy/video.ts";

const size = 48;
const P = size * size;

describe("a clip", () => {
  test("starts with the scene's photograph", () => {
    const scene = sceneAt(4, 0);
    const { clip } = renderVideo(scene, size, 3);
    const picture = renderRgb(scene, size);
    for (let c = 0; c < 3; c++) {
      expect(clip.data.slice(3 * c * P, (3 * c + 1) * P)).toEqual(picture.data.slice(c * P, (c + 1) * P));
    }
  });

  test("has a flow that leads each pixel to the same object in the next frame, and none leads nowhere", () => {
    let [right, still, moving, wrongInside] = [0, 0, 0, 0];
    for (let index = 0; index < 12; index++) {
      const scene = sceneAt(4, index);
      const { flow } = renderVideo(scene, size, 2);
      const [now, next] = [rasterize(scene, size).id, rasterize(sceneAtFrame(scene, 1), size).id];
      const top = scene.objects.reduce((best, o, k) => (o.elevation > scene.objects[best]!.elevation ? k : best), 0);
      for (let p = 0; p < P; p++) {
        if (now[p] === 0) expect([flow.data[p], flow.data[P + p]]).toEqual([0, 0]);
        if (now[p] !== top + 1) continue; // the highest object is never hidden
        moving++;
        const i = Math.floor(Math.floor(p / size) + 0.5 + flow.data[P + p]!);
        const j = Math.floor((p % size) + 0.5 + flow.data[p]!);
        const inside = [-1, 1, -size, size].every((step) => now[p + step] === top + 1);
        if (next[i * size + j] === top + 1) right++;
        else if (inside) wrongInside++;
        if (next[p] === top + 1) still++;
      }
    }
    expect(moving).toBeGreaterThan(1000);
    expect(wrongInside).toBe(0); // at the outline itself a pixel's middle may round to outside
    expect(right).toBeGreaterThan(still);
  });

  test("never lets an object leave the picture", () => {
    for (let t = 0; t < 200; t += 7) {
      for (const { x, y } of sceneAtFrame(sceneAt(9, 1), t).objects) {
        expect(Math.min(x, y)).toBeGreaterThan(0);
        expect(Math.max(x, y)).toBeLessThan(1);
      }
    }
  });
});

test("a cloud is centred in the unit ball, and its outline's share of hollow tells a ring from a disc", () => {
  const hollow: Record<string, number[]> = {};
  for (let index = 0; index < 60; index++) {
    const scene = sceneAt(2, index);
    const { data, shape } = renderPoints(scene, 256);
    expect(shape).toEqual([256, 3]);
    const radii = Array.from({ length: 256 }, (_, i) => Math.hypot(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!));
    expect(Math.max(...radii)).toBeCloseTo(1, 6);
    for (let a = 0; a < 3; a++) {
      expect(data.reduce((sum, x, i) => sum + (i % 3 === a ? x : 0), 0) / 256).toBeCloseTo(0, 5);
    }
    const name = scene.objects[0]!.shape;
    hollow[name] = [...(hollow[name] ?? []), radii.filter((r) => r < 0.4).length / 256];
  }
  expect(Math.max(...hollow.ring!)).toBeLessThan(Math.min(...hollow.disc!));
});
