import { cos, sin } from "./exactMath.ts";
import type { SceneObject } from "./scene.ts";
import { TEXTURES } from "./texture.ts";

/** An object's pattern over its unit frame: share of the second ink in [0, 1], edges softened over `pixel` (a length of the scene). */
export function patternOf(object: SceneObject, pixel: number): (u: number, v: number) => number {
  const texture = TEXTURES[object.texture];
  const along = (cos(object.textureAngle) * object.radius) / object.period;
  const across = (sin(object.textureAngle) * object.radius) / object.period;
  const [first, second] = object.phase;
  return (u, v) => texture(u * along + v * across + first, v * along - u * across + second, pixel / object.period);
}
