import { type Dense, zeros } from "./dense.ts";
import type { Scene, SceneObject } from "./scene.ts";
import { SHAPE_NAMES } from "./shape.ts";
import { rasterize } from "./surface.ts";

/** Outline class of every pixel. [1, H, W], whole numbers: 0 ground, 1 + index in SHAPE_NAMES (1 … 10). */
export const renderSegmentation = (scene: Scene, size: number): Dense =>
  labels(scene, size, (k) => 1 + SHAPE_NAMES.indexOf((scene.objects[k] as SceneObject).shape));

/** Object of every pixel. [1, H, W], whole numbers: 0 ground, 1 subject, 2 and 3 companions. */
export const renderInstances = (scene: Scene, size: number): Dense => labels(scene, size, (k) => k + 1);

function labels(scene: Scene, size: number, of: (object: number) => number): Dense {
  const out = zeros([1, size, size]);
  rasterize(scene, size).id.forEach((id, p) => {
    out.data[p] = id === 0 ? 0 : of(id - 1);
  });
  return out;
}
