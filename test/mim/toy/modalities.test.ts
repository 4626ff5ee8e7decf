/** Modalities beyond pictures: each shows the same scene, and its class. */
import { expect, test } from "vitest";
import { sceneAt } from "../../../src/mim/toy/batch.ts";
import { CAPTION_LENGTH, captionWords, renderCaption, SPECIAL, VOCABULARY } from "../../../src/mim/toy/caption.ts";
import { CEILING } from "../../../src/mim/toy/depth.ts";
import { sampleEpisode } from "../../../src/mim/toy/episode.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { renderRgb } from "../../../src/mim/toy/rgb.ts";
import { CLASS_NAMES } from "../../../src/mim/toy/scene.ts";
import { rasterize } from "../../../src/mim/toy/surface.ts";
import { renderVolume } from "../../../src/mim/toy/volume.ts";

test("a caption names every object, places companions truly, and its tokens give back its words", () => {
  expect(new Set(VOCABULARY).size).toBe(VOCABULARY.length);
  for (let index = 0; index < 200; index++) {
    const scene = sceneAt(2, index);
    const words = captionWords(scene);
    const tokens = [...renderCaption(scene).data];
    expect(tokens.length).toBe(CAPTION_LENGTH);
    const end = tokens.indexOf(SPECIAL.end);
    expect(tokens.slice(1, end).map((token) => VOCABULARY[token])).toEqual(words);
    expect([tokens[0], ...tokens.slice(end + 1)]).toEqual([
      SPECIAL.start,
      ...Array(CAPTION_LENGTH - end - 1).fill(SPECIAL.pad),
    ]);
    const [subject, ...others] = scene.objects;
    for (const { color, texture, shape } of scene.objects)
      expect(words.join(" ")).toContain(`a ${color} ${texture} ${shape}`);
    const claims = words.filter((word) => ["left-of", "right-of", "above", "below"].includes(word));
    const holds = { "left-of": -1, "right-of": 1, above: -1, below: 1 } as Record<string, number>;
    claims.forEach((claim, k) => {
      const axis = claim === "above" || claim === "below" ? "y" : "x";
      expect(Math.sign(subject![axis] - others[k]![axis])).toBe(holds[claim]);
    });
    expect(claims.length).toBe(others.length);
  }
});

test("seen from above, a volume's organs cover the objects of the picture", () => {
  const size = 32;
  let [same, covered] = [0, 0];
  for (let index = 0; index < 4; index++) {
    const scene = { ...sceneAt(3, index), sensorNoise: 0 };
    // The scan without organs differs from the scan with them exactly where an organ lies.
    const [full, empty] = [renderVolume(scene, size), renderVolume({ ...scene, objects: [] }, size)];
    expect(full.shape).toEqual([1, size / 2, size, size]);
    const { id, z } = rasterize(scene, size);
    for (let p = 0; p < size * size; p++) {
      let highest = -1;
      for (let k = 0; k < size / 2; k++)
        if (full.data[k * size * size + p] !== empty.data[k * size * size + p]) highest = k;
      if (id[p] === 0 && highest < 0) continue;
      covered++;
      if (highest >= 0 && Math.abs(((highest + 1) / (size / 2)) * CEILING - z[p]!) <= CEILING / (size / 2)) same++;
    }
  }
  expect(covered).toBeGreaterThan(500);
  expect(same / covered).toBeGreaterThan(0.9); // rims thinner than a slice are lost, as in a scan
});

test("an episode asks for its own classes, shows no example twice, and another key asks otherwise", () => {
  const render = (scene: Parameters<typeof renderRgb>[0]) => renderRgb(scene, 8);
  const size = { ways: 4, shots: 2, queries: 3 };
  const episode = sampleEpisode(keyOf(1), size, render);
  expect(episode).toEqual(sampleEpisode(keyOf(1), size, render));
  expect(new Set(episode.classes).size).toBe(4);
  expect([...episode.support.labels]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  const rows = [episode.support, episode.query].flatMap(({ images }) =>
    Array.from({ length: images.shape[0]! }, (_, i) => String(images.data.slice(i * 192, (i + 1) * 192))),
  );
  expect(new Set(rows).size).toBe(4 * (2 + 3));
  const orders = Array.from({ length: 20 }, (_, k) => String(sampleEpisode(keyOf(k), size, render).classes));
  expect(new Set(orders).size).toBeGreaterThan(15);
  expect(() => sampleEpisode(keyOf(1), { ...size, ways: CLASS_NAMES.length + 1 }, render)).toThrow("found 11");
});
