/**
 * The scene as a scan that resembles a medical one: slices through a body of soft tissue in which the objects lie as
 * organs, their pattern in the signal, under a receiver field that varies slowly, with the Rician noise of magnetic
 * resonance. An organ may be lighter or darker than the body, so the mean does not tell the class.
 */
import { clamp01, luma } from "./color.ts";
import { type Dense, zeros } from "./dense.ts";
import { CEILING } from "./depth.ts";
import { valueNoise } from "./noise.ts";
import { patternOf } from "./pattern.ts";
import { fold, normals } from "./random.ts";
import type { Scene, SceneObject } from "./scene.ts";
import { SHAPES } from "./shape.ts";
import { cushion, localFrame } from "./surface.ts";

/** Signal of air and of the body. */
const AIR = 0.02;
const BODY = 0.45;

/** [1, D, H, W] in [0, 1], D = size / 2 slices from the ground up: thicker than the pixels, as clinical scans are. */
export function renderVolume(scene: Scene, size: number): Dense {
  if (!Number.isInteger(size) || size < 2 || size % 2 !== 0) {
    throw new RangeError(`size: expected an even whole number above 0, found ${size}`);
  }
  const D = size / 2;
  const P = size * size;
  const out = zeros([1, D, size, size]);
  paintBody(out.data, size);
  for (const object of scene.objects) paintOrgan(object, out.data, D, size);
  const field = valueNoise(fold(scene.key, "field"));
  const noise = normals(fold(scene.key, "scanner"), 2 * out.data.length);
  const deviation = 0.01 + scene.sensorNoise;
  out.data.forEach((signal, at) => {
    const [k, i, j] = [Math.floor(at / P), Math.floor(at / size) % size, at % size];
    const gain = 0.75 + 0.5 * field((2 * j) / size + k / D, (2 * i) / size + k / D);
    const real = gain * signal + deviation * noise[2 * at]!;
    const imaginary = deviation * noise[2 * at + 1]!;
    out.data[at] = clamp01(Math.sqrt(real * real + imaginary * imaginary));
  });
  return out;
}

/** A rounded square of tissue in every slice. */
function paintBody(data: Float32Array, size: number): void {
  data.forEach((_, at) => {
    const x = (2 * ((at % size) + 0.5)) / size - 1;
    const y = (2 * ((Math.floor(at / size) % size) + 0.5)) / size - 1;
    data[at] = x * x * x * x + y * y * y * y < 0.9 ? BODY : AIR;
  });
}

/** The voxels whose middle lies between the object's lower face and its cushion. */
function paintOrgan(object: SceneObject, data: Float32Array, D: number, size: number): void {
  const local = localFrame(object);
  const pattern = patternOf(object, 1 / size);
  const [first, second] = object.inks.map((ink) => 0.1 + 0.8 * luma(...ink)) as [number, number];
  for (let p = 0; p < size * size; p++) {
    const dx = ((p % size) + 0.5) / size - object.x;
    const dy = (Math.floor(p / size) + 0.5) / size - object.y;
    const u = (local.cos * dx + local.sin * dy) * local.scale;
    const v = (local.cos * dy - local.sin * dx) * local.scale;
    const d = SHAPES[object.shape](u, v);
    if (d >= 0) continue;
    const top = object.elevation + object.height * cushion(d);
    const signal = first + (second - first) * pattern(u, v);
    for (let k = 0; k < D; k++) {
      const z = ((k + 0.5) / D) * CEILING;
      if (z >= object.elevation && z <= top) data[k * size * size + p] = signal;
    }
  }
}
