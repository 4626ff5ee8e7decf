/** A clip of the moving scene and what moved in it. Objects go straight, turn steadily and bounce off the picture's edges. */
import { type Dense, stack, zeros } from "./dense.ts";
import { cos, sin } from "./exactMath.ts";
import { fold } from "./random.ts";
import { photograph } from "./rgb.ts";
import type { Scene, SceneObject } from "./scene.ts";
import { rasterize } from "./surface.ts";

/** Frames of a clip. */
export const FRAMES = 8;

/** A clip and its motion. */
export interface Video {
  /** [3, T, H, W] in [0, 1] */
  readonly clip: Dense;
  /** [2, T - 1, H, W]: how far what a pixel shows moves right and down until the next frame, in pixels; 0 on the ground. */
  readonly flow: Dense;
  /** [2, T - 1, H, W]: likewise from each frame but the first back to the one before it. */
  readonly backwardFlow: Dense;
}

/** The scene `t` frames on; t = 0 is the scene itself. */
export function sceneAtFrame(scene: Scene, t: number): Scene {
  if (t === 0) return scene;
  return { ...scene, objects: scene.objects.map((object) => moved(object, t)) };
}

function moved(object: SceneObject, t: number): SceneObject {
  const margin = Math.min(0.5, object.radius * 1.05);
  return {
    ...object,
    x: bounced(object.x + object.velocity[0] * t, margin),
    y: bounced(object.y + object.velocity[1] * t, margin),
    angle: object.angle + object.spin * t,
  };
}

/** A straight path folded back between margin and 1 - margin. */
function bounced(position: number, margin: number): number {
  const width = 1 - 2 * margin;
  if (width <= 0) return 0.5;
  const along = (((position - margin) % (2 * width)) + 2 * width) % (2 * width);
  return margin + (along < width ? along : 2 * width - along);
}

/** Films the scene. Sensor noise is drawn anew in every frame. */
export function renderVideo(scene: Scene, size: number, frames = FRAMES): Video {
  const scenes = Array.from({ length: frames }, (_, t) => sceneAtFrame(scene, t));
  const surfaces = scenes.map((moment) => rasterize(moment, size));
  const sensor = fold(scene.key, "sensor");
  const pictures = surfaces.map((surface, t) =>
    photograph(surface, scene.sensorNoise, t === 0 ? sensor : fold(sensor, t)),
  );
  const pairs = Array.from({ length: frames - 1 }, (_, t) => t);
  const flow = pairs.map((t) => flowBetween(scenes[t]!, scenes[t + 1]!, surfaces[t]!.id, size));
  const backward = pairs.map((t) => flowBetween(scenes[t + 1]!, scenes[t]!, surfaces[t + 1]!.id, size));
  return {
    clip: channelsFirst(stack(pictures)),
    flow: channelsFirst(stack(flow)),
    backwardFlow: channelsFirst(stack(backward)),
  };
}

/** [2, H, W] */
function flowBetween(now: Scene, next: Scene, id: Uint8Array, size: number): Dense {
  const flow = zeros([2, size, size]);
  const P = size * size;
  const turns = now.objects.map((object, k) => {
    const turn = next.objects[k]!.angle - object.angle;
    return { c: cos(turn), s: sin(turn) };
  });
  for (let p = 0; p < P; p++) {
    const k = id[p]! - 1;
    if (k < 0) continue;
    const [from, to] = [now.objects[k]!, next.objects[k]!];
    const { c, s } = turns[k]!;
    const [x, y] = [((p % size) + 0.5) / size, (Math.floor(p / size) + 0.5) / size];
    const [dx, dy] = [x - from.x, y - from.y];
    flow.data[p] = (to.x + c * dx - s * dy - x) * size;
    flow.data[P + p] = (to.y + s * dx + c * dy - y) * size;
  }
  return flow;
}

/** [T, C, H, W] -> [C, T, H, W] */
function channelsFirst({ data, shape }: Dense): Dense {
  const [T, C, H, W] = shape as [number, number, number, number];
  const out = zeros([C, T, H, W]);
  const P = H * W;
  for (let t = 0; t < T; t++) {
    for (let c = 0; c < C; c++) out.data.set(data.subarray((t * C + c) * P, (t * C + c + 1) * P), (c * T + t) * P);
  }
  return out;
}
