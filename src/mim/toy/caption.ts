/**
 * Captions of scenes as words and tokens: "a red striped disc left of a blue plain ring on sand". The subject comes
 * first, each companion with its place as seen from the subject's; of a direction's two axes the longer is told.
 */
import { COLOR_NAMES, GROUND_NAMES } from "./color.ts";
import { type Dense, zeros } from "./dense.ts";
import type { Scene, SceneObject } from "./scene.ts";
import { SHAPE_NAMES } from "./shape.ts";
import { TEXTURE_NAMES } from "./texture.ts";

/** Tokens that are no words: padding after the end, a hidden word, the caption's start and end. */
export const SPECIAL = { pad: 0, mask: 1, start: 2, end: 3 } as const;

const RELATIONS = ["left-of", "right-of", "above", "below"] as const;

/** The word of each token. */
export const VOCABULARY: readonly string[] = [
  ...Object.keys(SPECIAL).map((name) => `[${name}]`),
  "a",
  "on",
  "and",
  ...RELATIONS,
  ...COLOR_NAMES,
  ...TEXTURE_NAMES,
  ...SHAPE_NAMES,
  ...GROUND_NAMES,
];

/** Tokens of a caption: start, at most 17 words, end, padding. */
export const CAPTION_LENGTH = 20;

/** The caption's words. */
export function captionWords({ objects, ground }: Scene): string[] {
  const [subject, ...companions] = objects as [SceneObject, ...SceneObject[]];
  const named = ({ color, texture, shape }: SceneObject) => ["a", color, texture, shape];
  const placed = companions.map((other) => [relation(subject, other), ...named(other)]);
  const joined = placed.flatMap((words, k) => (k === 0 ? words : ["and", ...words]));
  return [...named(subject), ...joined, "on", ground.name];
}

/** The caption's tokens, whole numbers below VOCABULARY.length. [CAPTION_LENGTH] */
export function renderCaption(scene: Scene): Dense {
  const out = zeros([CAPTION_LENGTH]);
  const words = captionWords(scene).map((word) => VOCABULARY.indexOf(word));
  out.data.set([SPECIAL.start, ...words, SPECIAL.end]);
  return out;
}

/** Where the first object lies as seen from the second. */
function relation(first: SceneObject, second: SceneObject): (typeof RELATIONS)[number] {
  const [dx, dy] = [first.x - second.x, first.y - second.y];
  if (Math.abs(dx) > Math.abs(dy)) return dx < 0 ? "left-of" : "right-of";
  return dy < 0 ? "above" : "below";
}
