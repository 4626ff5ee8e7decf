import type { Dense } from "./dense.ts";
import type { Scene } from "./scene.ts";
import { rasterize } from "./surface.ts";

/** Unit surface normals. [3, H, W], components in [-1, 1]: x right, y down, z to the viewer (0, 0, 1 on the ground). */
export const renderNormals = (scene: Scene, size: number): Dense => ({
  data: Float32Array.from(rasterize(scene, size).normal),
  shape: [3, size, size],
});
