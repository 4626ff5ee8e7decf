import { expect, test } from "vitest";
import { MODALITIES, sceneAt, type ToyChoice, toyBatch } from "../../../src/mim/toy/batch.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { CLASS_NAMES, sampleScene } from "../../../src/mim/toy/scene.ts";
import { SHAPES } from "../../../src/mim/toy/shape.ts";
import { rasterize } from "../../../src/mim/toy/surface.ts";
import { TEXTURES } from "../../../src/mim/toy/texture.ts";

test("every outline has area 2 and every pattern covers half the plane", () => {
  for (const outline of Object.values(SHAPES)) {
    let area = 0;
    const n = 400;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++)
        if (outline((3 * (i + 0.5)) / n - 1.5, (3 * (j + 0.5)) / n - 1.5) < 0) area += 9 / n ** 2;
    }
    expect(area).toBeCloseTo(2, 1.5);
  }
  for (const [name, texture] of Object.entries(TEXTURES)) {
    let mean = 0;
    const n = 300;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) mean += texture((i * 20) / n, (j * 20) / n, 0.05) / n ** 2;
    expect(mean).toBeCloseTo(name === "plain" ? 0 : 0.5, 1.5);
  }
});

test("signed distances change by the distance moved at most", () => {
  for (const outline of Object.values(SHAPES)) {
    for (let i = 0; i < 500; i++) {
      const x = ((i * 37) % 100) / 40 - 1.25;
      const y = ((i * 73) % 100) / 40 - 1.25;
      expect(Math.abs(outline(x + 0.003, y + 0.004) - outline(x, y))).toBeLessThanOrEqual(0.005 + 1e-12);
    }
  }
});

test.each(MODALITIES)(
  "%s: the same choice gives the same bytes, another seed others, values stay finite",
  (modality) => {
    const choice = { seed: 5, n: 3, size: 16 };
    const arraysOf = (part: Partial<ToyChoice>) => toyBatch(modality, { ...choice, ...part }).inputs;
    const [first, again, other] = [arraysOf({}), arraysOf({}), arraysOf({ seed: 6 })];
    const last = arraysOf({ n: 1, start: 2 });
    for (const [name, { data, shape }] of Object.entries(first)) {
      expect(data).toEqual(again[name]!.data);
      expect(data).not.toEqual(other[name]!.data);
      expect(data.slice((data.length / 3) * 2)).toEqual(last[name]!.data); // the third example, had alone
      expect(data.length).toBe(shape.reduce((a, b) => a * b));
      expect(shape[0]).toBe(3);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  },
);

test("labels are uniform, and a requested label is met", () => {
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 2000; i++) counts[sceneAt(0, i).label]! += 1;
  for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(5 * Math.sqrt(180));
  for (let label = 0; label < 10; label++) {
    const scene = sampleScene(keyOf(1), label);
    expect(scene.label).toBe(label);
    expect(CLASS_NAMES[label]).toContain(scene.objects[0]!.shape);
  }
  expect(() => sampleScene(keyOf(1), 10)).toThrow("label: expected a whole number from 0 to 9, found 10");
});

test("the subject is visible in every scene and normals are unit vectors leaning out of the cushion", () => {
  for (let i = 0; i < 100; i++) {
    const scene = sceneAt(3, i);
    const { id, normal, z } = rasterize(scene, 32);
    expect(id.filter((k) => k === 1).length).toBeGreaterThan(0.06 * 1024);
    const pixels = Array.from({ length: 1024 }, (_, p) => p);
    const lengths = pixels.map((p) => Math.hypot(normal[p]!, normal[1024 + p]!, normal[2048 + p]!));
    expect(Math.max(...lengths.map((length) => Math.abs(length - 1)))).toBeLessThan(1e-10);
    expect(pixels.filter((p) => (z[p] === 0) !== (id[p] === 0))).toEqual([]);
  }
});

test("a picture drawn through a window equals the same part of the whole picture", () => {
  const scene = sceneAt(4, 0);
  const whole = rasterize(scene, 64);
  const corner = rasterize(scene, 32, { x: 0, y: 0.5, width: 0.5, height: 0.5, mirrored: false });
  for (let i = 0; i < 32; i++) {
    for (let j = 0; j < 32; j++) {
      expect(corner.id[i * 32 + j]).toBe(whole.id[(i + 32) * 64 + j]);
      expect(corner.color[i * 32 + j]).toBeCloseTo(whole.color[(i + 32) * 64 + j]!, 10);
    }
  }
});
