/**
 * Two augmented views of one scene. The crop is rendered from the scene itself, so nothing is resampled. Weak: crop of
 * 60–100 % of the area, mirror, small brightness change. Strong (after SimCLR's recipe): crop of 25–100 %, aspect 3/4 to
 * 4/3, mirror, colour jitter, grey in one of five, blur in one of two.
 */
import { blur } from "../augment/blur.ts";
import { colorJitter } from "../augment/colorJitter.ts";
import type { Dense } from "./dense.ts";
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
    colorJitter(image, { brightness: random.range(0.9, 1.1), contrast: 1, saturation: 1, hue: 0 });
    return { image, frame };
  }
  colorJitter(image, {
    brightness: random.range(0.6, 1.4),
    contrast: random.range(0.6, 1.4),
    saturation: random.range(0.4, 1.6),
    hue: random.range(-0.1, 0.1),
  });
  if (random.uniform() < 0.2) colorJitter(image, { brightness: 1, contrast: 1, saturation: 0, hue: 0 });
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
