/**
 * The toy world's scene description: one subject and one or two companions, solid cushions with a flat outline, floating over a
 * ground under one light. Every modality is a function of this value. The plane is the unit square, x right, y down;
 * z points to the viewer, ground at 0. Lengths are in picture widths, angles in radians, time in frames.
 *
 * The class is the subject's outline (5) and pattern family (2): label = 2 · outline + family. Everything else, colours,
 * positions, sizes, angles, ground, light, companions and motion, is drawn independently of it.
 */
import { COLOR_NAMES, COLORS, type ColorName, GROUND_NAMES, GROUNDS, type GroundName, mix, type Rgb } from "./color.ts";
import { cos, sin } from "./exactMath.ts";
import { fold, type Generator, generator, type Key } from "./random.ts";
import { SHAPE_NAMES, type ShapeName } from "./shape.ts";
import { TEXTURE_FAMILIES, type TextureName } from "./texture.ts";

/** One cushion. */
export interface SceneObject {
  shape: ShapeName;
  texture: TextureName;
  color: ColorName;
  /** The pattern's two colours; one of them is a shade of `color`. */
  inks: readonly [Rgb, Rgb];
  /** Centre. */
  x: number;
  y: number;
  /** Scale of the unit outline. */
  radius: number;
  angle: number;
  /** Height of the lower face over the ground, and thickness above it. */
  elevation: number;
  height: number;
  /** Pattern: length of a period, its angle against the outline, and offset in periods. */
  period: number;
  textureAngle: number;
  phase: readonly [number, number];
  /** Motion a frame: shift of the centre and turn. */
  velocity: readonly [number, number];
  spin: number;
  /** Base tone in octaves over the lowest bin's frequency, and loudness in (0, 1]. */
  pitch: number;
  loudness: number;
}

/** What lies under the objects. */
export interface Ground {
  name: GroundName;
  /** Ends of the gradient, and its direction. */
  ends: readonly [Rgb, Rgb];
  angle: number;
  /** Strength and scale of the clouds in it. */
  cloud: number;
  cloudScale: number;
}

/** One scene; objects[0] is the subject, which carries the label. */
export interface Scene {
  key: Key;
  /** 0 … 9. */
  label: number;
  objects: SceneObject[];
  ground: Ground;
  /** Unit vector towards the light. */
  light: readonly [number, number, number];
  /** Share of light from everywhere, and a gain per channel. */
  ambient: number;
  exposure: Rgb;
  /** Standard deviation of the sensor's noise. */
  sensorNoise: number;
}

const FAMILY_NAMES = Object.keys(TEXTURE_FAMILIES) as (keyof typeof TEXTURE_FAMILIES)[];

/** The ten classes by label, such as "banded disc". */
export const CLASS_NAMES: string[] = SHAPE_NAMES.flatMap((shape) => FAMILY_NAMES.map((family) => `${family} ${shape}`));

/** Thickness of one layer: objects at different elevations never meet. */
export const LAYER = 0.12;

/** Draws the scene of a key; `label` fixes the class, which is otherwise drawn uniformly. */
export function sampleScene(key: Key, label?: number): Scene {
  if (label !== undefined && !(Number.isInteger(label) && label >= 0 && label < CLASS_NAMES.length)) {
    throw new RangeError(`label: expected a whole number from 0 to ${CLASS_NAMES.length - 1}, found ${label}`);
  }
  const drawn = label ?? generator(fold(key, "label")).below(CLASS_NAMES.length);
  const shape = SHAPE_NAMES[drawn >> 1] as ShapeName;
  const family = FAMILY_NAMES[drawn & 1] as keyof typeof TEXTURE_FAMILIES;

  const random = generator(fold(key, "layout"));
  const companions = 1 + random.below(2);
  const layers = random.shuffle(Array.from({ length: companions + 1 }, (_, k) => k));
  const colors = random.shuffle(COLOR_NAMES);
  const subject = sampleObject(generator(fold(key, "subject")), {
    shape,
    texture: generator(fold(key, "pattern")).pick(TEXTURE_FAMILIES[family]),
    color: colors[0] as ColorName,
    radius: random.range(0.26, 0.34),
    layer: layers[0] as number,
  });
  const objects = [subject];
  for (let k = 1; k <= companions; k++) {
    const stream = generator(fold(fold(key, "companion"), k));
    const details = {
      shape: stream.pick(SHAPE_NAMES),
      texture: "plain" as const,
      color: colors[k] as ColorName,
      radius: stream.range(0.08, 0.12),
      layer: layers[k] as number,
    };
    let companion = sampleObject(stream, details);
    for (let tries = 0; tries < 40 && crowds(companion, objects); tries++) companion = sampleObject(stream, details);
    objects.push(companion);
  }

  const weather = generator(fold(key, "weather"));
  const name = weather.pick(GROUND_NAMES);
  const [from, to] = GROUNDS[name];
  const lightAngle = weather.range(0, 2 * Math.PI);
  const lightHeight = weather.range(0.55, 0.8);
  const across = Math.sqrt(1 - lightHeight * lightHeight);
  const gain = weather.range(0.95, 1.3);
  const warmth = weather.range(-0.07, 0.07);
  return {
    key,
    label: drawn,
    objects,
    ground: {
      name,
      ends: weather.uniform() < 0.5 ? [from, to] : [to, from],
      angle: weather.range(0, 2 * Math.PI),
      cloud: weather.range(0.05, 0.18),
      cloudScale: weather.range(2.5, 6),
    },
    light: [across * cos(lightAngle), across * sin(lightAngle), lightHeight],
    ambient: weather.range(0.4, 0.55),
    exposure: [gain * (1 + warmth), gain, gain * (1 - warmth)],
    sensorNoise: weather.range(0.005, 0.02),
  };
}

function sampleObject(
  random: Generator,
  given: { shape: ShapeName; texture: TextureName; color: ColorName; radius: number; layer: number },
): SceneObject {
  const margin = Math.min(0.5, given.radius * 1.05);
  const speed = random.range(0.01, 0.035);
  const heading = random.range(0, 2 * Math.PI);
  return {
    shape: given.shape,
    texture: given.texture,
    color: given.color,
    inks: inksOf(random, COLORS[given.color]),
    x: random.range(margin, 1 - margin),
    y: random.range(margin, 1 - margin),
    radius: given.radius,
    angle: random.range(0, 2 * Math.PI),
    elevation: 0.02 + LAYER * given.layer,
    height: Math.min(LAYER * 0.8, given.radius * 0.5),
    period: random.range(0.14, 0.2),
    textureAngle: random.range(0, 2 * Math.PI),
    phase: [random.uniform(), random.uniform()],
    velocity: [speed * cos(heading), speed * sin(heading)],
    spin: random.range(0.04, 0.16) * (random.uniform() < 0.5 ? -1 : 1),
    pitch: random.range(0.5, 2.5),
    loudness: given.texture === "plain" ? random.range(0.25, 0.45) : 1,
  };
}

/** The named colour a little shifted, and a tint or a shade of it, in either order. */
function inksOf(random: Generator, color: Rgb): [Rgb, Rgb] {
  const shift = (c: number) => Math.min(1, Math.max(0, c + random.range(-0.06, 0.06)));
  const first: Rgb = [shift(color[0]), shift(color[1]), shift(color[2])];
  const second = random.uniform() < 0.5 ? mix(first, [1, 0.98, 0.94], 0.72) : mix(first, [0.07, 0.08, 0.13], 0.66);
  return random.uniform() < 0.5 ? [first, second] : [second, first];
}

/** Whether an object lies over the middle of another. */
function crowds(object: SceneObject, others: readonly SceneObject[]): boolean {
  return others.some((other) => {
    const dx = object.x - other.x;
    const dy = object.y - other.y;
    const reach = 0.85 * other.radius + 0.9 * object.radius;
    return dx * dx + dy * dy < reach * reach;
  });
}
