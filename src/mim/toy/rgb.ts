import { clamp01 } from "./color.ts";
import { type Dense, zeros } from "./dense.ts";
import { fold, type Key, normals } from "./random.ts";
import type { Scene } from "./scene.ts";
import { type Frame, rasterize, type Surface, WHOLE } from "./surface.ts";

/** The scene as a colour photograph with sensor noise. [3, H, W] in [0, 1], display-encoded. */
export const renderRgb = (scene: Scene, size: number, frame: Frame = WHOLE): Dense =>
  photograph(rasterize(scene, size, frame), scene.sensorNoise, fold(scene.key, "sensor"));

/** Adds the sensor's noise to a surface's colours and limits them. [3, H, W] in [0, 1]. */
export function photograph(surface: Surface, noise: number, key: Key): Dense {
  const out = zeros([3, surface.size, surface.size]);
  const grain = normals(key, out.data.length);
  for (let i = 0; i < out.data.length; i++) {
    out.data[i] = clamp01((surface.color[i] as number) + noise * (grain[i] as number));
  }
  return out;
}
