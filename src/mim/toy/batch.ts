/** Batches of the toy world as methods take them: arrays by the names that `prepare` expects, and class labels. */
import type { HostInputs, HostTensor, Modality } from "../method.ts";
import { renderCaption } from "./caption.ts";
import { type Dense, stack } from "./dense.ts";
import { renderDepth } from "./depth.ts";
import { renderTriangles } from "./mesh.ts";
import { renderNormals } from "./normals.ts";
import { renderPoints } from "./points.ts";
import { fold, type Key, keyOf } from "./random.ts";
import { renderRgb } from "./rgb.ts";
import { type Scene, sampleScene } from "./scene.ts";
import { renderInstances, renderSegmentation } from "./segmentation.ts";
import { renderSpectrogram } from "./spectrogram.ts";
import { renderVideo } from "./video.ts";
import { renderView } from "./views.ts";
import { renderVolume } from "./volume.ts";

/** Points of a cloud for each pixel of a picture's side: 256 beside pictures of 32 x 32. */
const POINTS_PER_PIXEL = 8;

/** One example by input names, without the batch axis; `draw` is a key for augmentations. */
type Renderer = (scene: Scene, size: number, draw: Key) => Readonly<Record<string, Dense>>;

const images: Renderer = (scene, size) => ({ images: renderRgb(scene, size) }); // [3, H, W]

const RENDERERS: Readonly<Record<Modality, Renderer>> = {
  rgb: images,
  depth: (scene, size, draw) => ({ ...images(scene, size, draw), depth: renderDepth(scene, size) }), // [1, H, W]
  normals: (scene, size, draw) => ({ ...images(scene, size, draw), normals: renderNormals(scene, size) }), // [3, H, W]
  segmentation: (scene, size, draw) => ({
    ...images(scene, size, draw),
    segmentation: renderSegmentation(scene, size), // [1, H, W]
    instances: renderInstances(scene, size), // [1, H, W]
  }),
  captions: (scene, size, draw) => ({ ...images(scene, size, draw), tokens: renderCaption(scene) }), // [W]
  views: (scene, size, draw) => ({
    images: renderView(scene, size, "weak", draw).image, // [3, H, W]
    views: renderView(scene, size, "strong", draw).image, // [3, H, W]
  }),
  video: (scene, size) => {
    const { clip, flow, backwardFlow } = renderVideo(scene, size);
    return { videos: clip, flow, backwardFlow }; // [3, T, H, W], [2, T - 1, H, W] twice
  },
  audio: (scene, size, draw) => ({ ...images(scene, size, draw), spectrograms: renderSpectrogram(scene, size) }), // [1, T, F]
  volume: (scene, size) => ({ volume: renderVolume(scene, size) }), // [1, D, H, W]
  points: (scene, size) => ({ points: renderPoints(scene, POINTS_PER_PIXEL * size) }), // [P, 3]
  mesh: (scene) => ({ triangles: renderTriangles(scene) }), // [F, 3, 3]
};

/** All modalities. */
export const MODALITIES = Object.keys(RENDERERS) as Modality[];

/** Which examples: `n` of them from index `start` of the endless sequence that `seed` names. */
export interface ToyChoice {
  readonly seed: number;
  readonly n: number;
  /** Picture side in pixels. */
  readonly size: number;
  /** First index, 0 unless given. */
  readonly start?: number;
  /** Another draw of the augmentations of the same scenes, 0 unless given. */
  readonly epoch?: number;
}

export interface ToyBatch {
  /** Each [n, …]; caption tokens and `labels`, for methods that learn from them, int32, all else float32. */
  readonly inputs: HostInputs;
  /** Class of each example, 0 … 9. */
  readonly labels: Int32Array;
}

/** The scene at an index of a seed's endless sequence; any index can be had without those before it. */
export const sceneAt = (seed: number, index: number): Scene => sampleScene(fold(keyOf(seed), index));

/** Renders a batch; the same choice gives the same bytes. */
export function toyBatch(modality: Modality, { seed, n, size, start = 0, epoch = 0 }: ToyChoice): ToyBatch {
  if (!(Number.isInteger(n) && n > 0)) throw new RangeError(`n: expected a whole number above 0, found ${n}`);
  const scenes = Array.from({ length: n }, (_, i) => sceneAt(seed, start + i));
  const render = RENDERERS[modality];
  const examples = scenes.map((scene) => render(scene, size, fold(fold(scene.key, "draw"), epoch)));
  const inputs: Record<string, HostTensor> = {};
  for (const name of Object.keys(examples[0]!)) {
    const { data, shape } = stack(examples.map((example) => example[name]!));
    inputs[name] = { shape, data: name === "tokens" ? Int32Array.from(data) : data };
  }
  const labels = Int32Array.from(scenes, (scene) => scene.label);
  return { inputs: { ...inputs, labels: { shape: [n], data: labels } }, labels };
}
