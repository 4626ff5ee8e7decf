/**
 * The toy world's scene description: one subject and one or two companions, solid cushions with a flat outline, floating over a
 * ground under one light, at dusk: colours are faint and the sensor is noisy. Every modality is a function of this value. The
 * plane is the unit square, x right, y down; z points to the viewer, ground at 0. Lengths are in picture widths, angles in
 * radians, time in frames.
 *
 * The class is the subject's outline. Everything else, colours, pattern, positions, sizes, angles, ground, light, companions
 * and motion, is drawn independently of it; so is whether a light subject lies on dark ground or a dark one on light, so that
 * neither the mean nor any weighted sum of pixels tells much of the class. One pixel does not either: it is mostly noise,
 * which a network that predicts what is hidden learns to see through.
 */
import {
  COLOR_NAMES,
  COLORS,
  type ColorName,
  GROUNDS,
  type GroundName,
  mix,
  type Rgb,
  TONES,
  type Tone,
} from "./color.ts";
import { cos, sin } from "./exactMath.ts";
import { fold, type Generator, generator, type Key } from "./random.ts";
import { SHAPE_NAMES, type ShapeName } from "./shape.ts";
import { TEXTURE_NAMES, type TextureName } from "./texture.ts";

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

/** The ten classes by label. */
export const CLASS_NAMES: readonly ShapeName[] = SHAPE_NAMES;

/** Thickness of one layer: objects at different elevations never meet. */
export const LAYER = 0.12;

/** Draws the scene of a key; `label` fixes the class, which is otherwise drawn uniformly. */
export function sampleScene(key: Key, label?: number): Scene {
  if (label !== undefined && !(Number.isInteger(label) && label >= 0 && label < CLASS_NAMES.length)) {
    throw new RangeError(`label: expected a whole number from 0 to ${CLASS_NAMES.length - 1}, found ${label}`);
  }
  const drawn = label ?? generator(fold(key, "label")).below(CLASS_NAMES.length);
  const random = generator(fold(key, "layout"));
  const companions = 1 + random.below(2);
  const layers = random.shuffle(Array.from({ length: companions + 1 }, (_, k) => k));
  const colors = random.shuffle(COLOR_NAMES);
  const [ground, tone] = random.uniform() < 0.5 ? (["dark", "light"] as const) : (["light", "dark"] as const);
  const subject = sampleObject(generator(fold(key, "subject")), {
    shape: SHAPE_NAMES[drawn] as ShapeName,
    texture: generator(fold(key, "pattern")).pick(TEXTURE_NAMES),
    color: colors[0] as ColorName,
    tone,
    radius: random.range(0.26, 0.34),
    reach: 0.05,
    layer: layers[0] as number,
    loud: true,
  });
  const objects = [subject];
  for (let k = 1; k <= companions; k++) {
    const stream = generator(fold(fold(key, "companion"), k));
    const details = {
      shape: stream.pick(SHAPE_NAMES),
      texture: "plain" as const,
      color: colors[k] as ColorName,
      tone,
      radius: stream.range(0.06, 0.1),
      reach: 0.5,
      layer: layers[k] as number,
      loud: false,
    };
    let companion = sampleObject(stream, details);
    for (let tries = 0; tries < 40 && crowds(companion, objects); tries++) companion = sampleObject(stream, details);
    objects.push(companion);
  }

  const weather = generator(fold(key, "weather"));
  const name = weather.pick(TONES[ground]);
  const [from, to] = GROUNDS[name];
  const lightAngle = weather.range(0, 2 * Math.PI);
  const lightHeight = weather.range(0.75, 0.9);
  const across = Math.sqrt(1 - lightHeight * lightHeight);
  const gain = weather.range(0.95, 1.05);
  const warmth = weather.range(-0.02, 0.02);
  return {
    key,
    label: drawn,
    objects,
    ground: {
      name,
      ends: weather.uniform() < 0.5 ? [from, to] : [to, from],
      angle: weather.range(0, 2 * Math.PI),
      cloud: weather.range(0.02, 0.06),
      cloudScale: weather.range(2.5, 6),
    },
    light: [across * cos(lightAngle), across * sin(lightAngle), lightHeight],
    ambient: weather.range(0.6, 0.75),
    exposure: [gain * (1 + warmth), gain, gain * (1 - warmth)],
    sensorNoise: weather.range(0.12, 0.16),
  };
}

function sampleObject(
  random: Generator,
  given: {
    shape: ShapeName;
    texture: TextureName;
    color: ColorName;
    tone: Tone;
    radius: number;
    /** How far from the picture's middle the object may lie, along each axis. */
    reach: number;
    layer: number;
    loud: boolean;
  },
): SceneObject {
  const margin = Math.min(0.5, given.radius * 1.05);
  const place = () => random.range(Math.max(margin, 0.5 - given.reach), Math.min(1 - margin, 0.5 + given.reach));
  const speed = random.range(0.006, 0.018);
  const heading = random.range(0, 2 * Math.PI);
  return {
    shape: given.shape,
    texture: given.texture,
    color: given.color,
    inks: inksOf(random, COLORS[given.color], given.tone),
    x: place(),
    y: place(),
    radius: given.radius,
    angle: random.range(-0.14, 0.14),
    elevation: 0.02 + LAYER * given.layer,
    height: Math.min(LAYER * 0.8, given.radius * 0.5),
    period: random.range(0.14, 0.2),
    textureAngle: random.range(0, 2 * Math.PI),
    phase: [random.uniform(), random.uniform()],
    velocity: [speed * cos(heading), speed * sin(heading)],
    spin: random.range(0.01, 0.04) * (random.uniform() < 0.5 ? -1 : 1),
    pitch: random.range(0.5, 2.5),
    loudness: given.loud ? 1 : random.range(0.25, 0.45),
  };
}

/** A light or a dark grey with a hint of the colour, and another a little lighter or darker, in either order. */
function inksOf(random: Generator, color: Rgb, tone: Tone): [Rgb, Rgb] {
  const grey = tone === "light" ? random.range(0.68, 0.8) : random.range(0.16, 0.28);
  const tint = mix([grey, grey, grey], color, 0.12);
  const step = random.range(0.04, 0.08);
  const first: Rgb = [tint[0] + step, tint[1] + step, tint[2] + step];
  const second: Rgb = [tint[0] - step, tint[1] - step, tint[2] - step];
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
