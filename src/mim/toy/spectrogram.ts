/**
 * What the moving scene sounds like, as a spectrogram over the octaves above a lowest tone. Every object hums: its pitch rises
 * with its height in the picture as it moves, its outline gives the overtones and its pattern the rhythm, swelling for bands
 * and clicking for spots. The subject is the loudest; companions hum evenly; there is noise beneath.
 */
import { clamp01 } from "./color.ts";
import { type Dense, zeros } from "./dense.ts";
import { cos, exp, log } from "./exactMath.ts";
import { fold, normals } from "./random.ts";
import type { Scene, SceneObject } from "./scene.ts";
import type { ShapeName } from "./shape.ts";
import type { TextureName } from "./texture.ts";
import { FRAMES, sceneAtFrame } from "./video.ts";

/** Octaves from the lowest bin to the highest. */
const OCTAVES = 5.5;
/** Octaves by which a tone falls from the top of the picture to the bottom. */
const FALL = 1;
/** Powers between these, in decibels, are spread over [0, 1]. */
const FLOOR = -50;
const CEILING = 5;

/** Strength of the first eight tones of a hum, by outline. */
const TIMBRES: Readonly<Record<ShapeName, readonly number[]>> = {
  disc: [1, 0.05],
  triangle: [1, 0, 1 / 3, 0, 1 / 5, 0, 1 / 7],
  cross: [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7, 1 / 8],
  star: [0.3, 0.3, 0.3, 1, 0.3, 0.3, 0.3, 1],
  ring: [0.05, 1, 0, 1 / 2, 0, 1 / 3, 0, 1 / 4],
  square: [1, 0, 0, 0.8, 0, 0, 0.6],
  arrow: [0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1],
  hourglass: [1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1],
  bar: [1, 1],
  dome: [0.6, 1, 0.6],
};

/** Loudness over time by pattern: `phase` counts periods. */
const RHYTHMS: Readonly<Record<TextureName, (phase: number) => number>> = {
  striped: (phase) => 0.55 + 0.45 * cos(2 * Math.PI * phase),
  wavy: (phase) => 0.55 + 0.3 * cos(2 * Math.PI * phase) + 0.15 * cos(Math.PI * phase),
  dotted: (phase) => (phase - Math.floor(phase) < 0.25 ? 1 : 0.1),
  checked: (phase) => (phase - Math.floor(phase) < 0.25 || Math.floor(4 * phase) % 4 === 2 ? 1 : 0.1),
  plain: () => 1,
};

/**
 * Records the scene for as long as a clip takes: [1, steps, bins] in [0, 1], time down, bins across from the lowest tone up;
 * louder is larger, on a logarithmic scale.
 */
export function renderSpectrogram(scene: Scene, bins: number, steps = bins): Dense {
  const out = zeros([1, steps, bins]);
  const hiss = normals(fold(scene.key, "microphone"), steps * bins);
  const power = new Float64Array(bins);
  for (let t = 0; t < steps; t++) {
    power.fill(0);
    const time = (t * (FRAMES - 1)) / Math.max(1, steps - 1);
    for (const object of sceneAtFrame(scene, time).objects) addHum(power, object, time);
    for (let b = 0; b < bins; b++) {
      const i = t * bins + b;
      const noisy = power[b]! + 10 ** (FLOOR / 10) * (4 + 3 * Math.abs(hiss[i]!));
      out.data[i] = clamp01(((10 * log(noisy)) / Math.LN10 - FLOOR) / (CEILING - FLOOR));
    }
  }
  return out;
}

/** Adds an object's tones at a time, in frames, to the power of each bin. */
function addHum(power: Float64Array, object: SceneObject, time: number): void {
  const bins = power.length;
  const periods = object.phase[0] + (time * 0.12) / object.period; // a finer pattern beats faster
  const loudness = object.loudness * RHYTHMS[object.texture](periods);
  const base = object.pitch + FALL * (0.5 - object.y);
  TIMBRES[object.shape].forEach((strength, k) => {
    if (strength === 0) return;
    const octave = base + log(k + 1) / Math.LN2;
    const center = (octave / OCTAVES) * (bins - 1);
    const width = bins / 45;
    for (let b = Math.max(0, Math.ceil(center - 4 * width)); b <= Math.min(bins - 1, center + 4 * width); b++) {
      power[b]! += (loudness * strength) ** 2 * exp(-(((b - center) / width) ** 2));
    }
  });
}
