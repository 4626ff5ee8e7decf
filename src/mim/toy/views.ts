/**
 * Two augmented views of one scene. The crop is rendered from the scene itself, so nothing is resampled. Weak: crop of
 * 60–100 % of the area, mirror, small brightness change. Strong (after SimCLR's recipe): crop of 25–100 %, aspect 3/4 to
 * 4/3, mirror, colour jitter, grey in one of five, blur in one of two.
 */
import { clamp01, luma } from "./color.ts";
import { type Dense, zeros } from "./dense.ts";
import { fold, type Generator, generator, type Key } from "./random.ts";
import { renderRgb } from "./rgb.ts";
import type { Scene } from "./scene.ts";
import type { Frame } from "./surface.ts";

/** How hard a view is augmented. */
export type Strength = "weak" | "strong";

/** One view: the picture [3, H, W] in [0, 1] and the part of the scene it shows. */
export interface View {
  image: Dense;
  frame: Frame;
}

/** Renders one view; the key decides the augmentation, the scene the content. */
export function renderView(scene: Scene, size: number, strength: Strength, key: Key): View {
  const random = generator(fold(key, strength));
  const frame = strength === "weak" ? crop(random, 0.6, 1) : crop(random, 0.25, 4 / 3);
  let image = renderRgb(scene, size, frame);
  if (strength === "weak") {
    jitter(image, { brightness: random.range(0.9, 1.1), contrast: 1, saturation: 1, hue: 0 });
    return { image, frame };
  }
  jitter(image, {
    brightness: random.range(0.6, 1.4),
    contrast: random.range(0.6, 1.4),
    saturation: random.range(0.4, 1.6),
    hue: random.range(-0.1, 0.1),
  });
  if (random.uniform() < 0.2) jitter(image, { brightness: 1, contrast: 1, saturation: 0, hue: 0 });
  if (random.uniform() < 0.5) image = blur(image);
  return { image, frame };
}

/** Crop with at least minArea of the picture and sides' ratio between 1/maxAspect and maxAspect, inside the unit square. */
function crop(random: Generator, minArea: number, maxAspect: number): Frame {
  const side = Math.sqrt(random.range(minArea, 1));
  const aspect = Math.sqrt(random.range(1, maxAspect));
  const wide = random.uniform() < 0.5;
  const width = Math.min(1, wide ? side * aspect : side / aspect);
  const height = Math.min(1, wide ? side / aspect : side * aspect);
  return {
    x: random.range(0, 1 - width),
    y: random.range(0, 1 - height),
    width,
    height,
    mirrored: random.uniform() < 0.5,
  };
}

/** Changes colours in place. Brightness, contrast and saturation are factors, hue a shift in turns (a shear in YIQ). */
function jitter(
  image: Dense,
  { brightness, contrast, saturation, hue }: Record<"brightness" | "contrast" | "saturation" | "hue", number>,
): void {
  const { data } = image;
  const P = data.length / 3;
  const value = (c: number, p: number) => data[c * P + p] as number;
  let mean = 0;
  for (let p = 0; p < P; p++) mean += luma(value(0, p), value(1, p), value(2, p)) / P;
  const turn = hue * 2 * Math.PI; // small angles: the rotation's first-order form keeps luma fixed
  for (let p = 0; p < P; p++) {
    const y = luma(value(0, p), value(1, p), value(2, p));
    const i = 0.596 * value(0, p) - 0.274 * value(1, p) - 0.322 * value(2, p);
    const q = 0.211 * value(0, p) - 0.523 * value(1, p) + 0.312 * value(2, p);
    const level = brightness * (mean + contrast * (y - mean));
    const i2 = brightness * saturation * (i - turn * q);
    const q2 = brightness * saturation * (q + turn * i);
    data[p] = clamp01(level + 0.956 * i2 + 0.621 * q2);
    data[P + p] = clamp01(level - 0.272 * i2 - 0.647 * q2);
    data[2 * P + p] = clamp01(level - 1.106 * i2 + 1.703 * q2);
  }
}

/** A 3 × 3 binomial blur, edges repeated. */
function blur({ data, shape }: Dense): Dense {
  const [C, H, W] = shape as [number, number, number];
  const out = zeros(shape);
  const weight = [0.25, 0.5, 0.25];
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < H; i++) {
      for (let j = 0; j < W; j++) {
        let sum = 0;
        for (let a = -1; a <= 1; a++) {
          for (let b = -1; b <= 1; b++) {
            const row = Math.min(H - 1, Math.max(0, i + a));
            const column = Math.min(W - 1, Math.max(0, j + b));
            sum += (weight[a + 1] as number) * (weight[b + 1] as number) * (data[(c * H + row) * W + column] as number);
          }
        }
        out.data[(c * H + i) * W + j] = sum;
      }
    }
  }
  return out;
}
