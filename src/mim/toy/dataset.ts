/** Batches of toy examples for training loops. */
import { type Dense, stack } from "./dense.ts";
import { renderDepth } from "./depth.ts";
import { renderNormals } from "./normals.ts";
import { renderPoints } from "./points.ts";
import { fold, type Key, keyOf } from "./random.ts";
import { renderRgb } from "./rgb.ts";
import { type Scene, sampleScene } from "./scene.ts";
import { renderInstances, renderSegmentation } from "./segmentation.ts";
import { renderSpectrogram } from "./spectrogram.ts";
import { renderVideo } from "./video.ts";
import { renderView } from "./views.ts";

/** Points of a cloud for each pixel of a picture's side: 256 beside pictures of 32 x 32. */
const POINTS_PER_PIXEL = 8;

/** For each kind, what one example consists of. `draw` is a fresh key an example, for augmentations. */
const RENDERERS = {
  rgb: (scene: Scene, size: number) => ({ image: renderRgb(scene, size) }),
  depth: (scene: Scene, size: number) => ({ image: renderRgb(scene, size), depth: renderDepth(scene, size) }),
  normals: (scene: Scene, size: number) => ({ image: renderRgb(scene, size), normals: renderNormals(scene, size) }),
  segmentation: (scene: Scene, size: number) => ({
    image: renderRgb(scene, size),
    segmentation: renderSegmentation(scene, size),
    instances: renderInstances(scene, size),
  }),
  views: (scene: Scene, size: number, draw: Key) => ({
    weak: renderView(scene, size, "weak", draw).image,
    strong: renderView(scene, size, "strong", draw).image,
  }),
  video: (scene: Scene, size: number) => {
    const { clip, flow, backwardFlow } = renderVideo(scene, size);
    return { video: clip, flow, backwardFlow };
  },
  audio: (scene: Scene, size: number) => ({
    image: renderRgb(scene, size),
    spectrogram: renderSpectrogram(scene, size),
  }),
  points: (scene: Scene, size: number) => ({ points: renderPoints(scene, POINTS_PER_PIXEL * size) }),
} as const satisfies Record<string, (scene: Scene, size: number, draw: Key) => Record<string, Dense>>;

/** A kind of dataset. */
export type Kind = keyof typeof RENDERERS;

/** All kinds. */
export const KINDS = Object.keys(RENDERERS) as Kind[];

/** Which examples: `n` of them from index `start` of the endless sequence that `seed` names. */
export interface Choice {
  seed: number;
  n: number;
  /** Picture side in pixels. */
  size: number;
  /** First index, 0 unless given. Train and test sets of one seed take separate ranges. */
  start?: number;
  /** Another draw of the augmentations of the same scenes, 0 unless given. */
  epoch?: number;
}

/** A stacked batch: each array [n, …] of the kind's shape, and the class labels. */
export interface ToyBatch<Names extends string> {
  arrays: Record<Names, Dense>;
  /** Class of each example, 0 … 9. */
  labels: Int32Array;
  scenes: Scene[];
}

/** The scene at an index of a seed's endless sequence; any index can be had without those before it. */
export const sceneAt = (seed: number, index: number): Scene => sampleScene(fold(keyOf(seed), index));

/** Renders a batch; the same choice gives the same bytes. */
export function dataset<K extends Kind>(
  kind: K,
  { seed, n, size, start = 0, epoch = 0 }: Choice,
): ToyBatch<keyof ReturnType<(typeof RENDERERS)[K]> & string> {
  type Names = keyof ReturnType<(typeof RENDERERS)[K]> & string;
  const render = RENDERERS[kind] as (scene: Scene, size: number, draw: Key) => Record<Names, Dense>;
  if (!(Number.isInteger(n) && n > 0)) throw new RangeError(`n: expected a whole number above 0, found ${n}`);
  const scenes = Array.from({ length: n }, (_, i) => sceneAt(seed, start + i));
  const rendered = scenes.map((scene) => render(scene, size, fold(fold(scene.key, "draw"), epoch)));
  const names = Object.keys(rendered[0] as Record<Names, Dense>) as Names[];
  const arrays = Object.fromEntries(names.map((name) => [name, stack(rendered.map((example) => example[name]))]));
  return {
    arrays: arrays as Record<Names, Dense>,
    labels: Int32Array.from(scenes, (scene) => scene.label),
    scenes,
  };
}
