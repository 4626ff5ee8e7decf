import { type Dense, zeros } from "./dense.ts";
import { LAYER, type Scene } from "./scene.ts";
import { rasterize } from "./surface.ts";

/** Height that maps to depth 0: above the top layer of the fullest scene, in picture widths. */
export const CEILING = 0.02 + 3 * LAYER;

/** Distance from an overhead camera. [1, H, W] in [0, 1]: 1 the ground, 0 the ceiling. */
export function renderDepth(scene: Scene, size: number): Dense {
  const out = zeros([1, size, size]);
  rasterize(scene, size).z.forEach((z, p) => {
    out.data[p] = 1 - z / CEILING;
  });
  return out;
}
