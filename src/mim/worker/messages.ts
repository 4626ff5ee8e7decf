/** What a page and its training worker say to each other. */
import type { Device } from "../ops.ts";

export interface TrainingOptions {
  /** Steps to take; the method's preset unless given. */
  readonly steps?: number;
  /** Seed of data, parameters and masks, 0 unless given. On WASM the numbers are those of `mim run` with this seed. */
  readonly seed?: number;
  /** Pictures come with the first step and every so many after it; 25 unless given, 0 for never. */
  readonly picturesEvery?: number;
  /** How many examples the pictures show, 8 unless given. */
  readonly shown?: number;
  /** Where to compute; "auto" is WebGPU where there is one, else WASM. */
  readonly device?: Device | "auto";
}

/** Pictures of `count` examples, one after another, each height × width RGBA pixels. */
export interface StepPictures {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly input: Uint8ClampedArray<ArrayBuffer>;
  readonly masked: Uint8ClampedArray<ArrayBuffer>;
  readonly reconstruction: Uint8ClampedArray<ArrayBuffer>;
}

/** What a page is told of each step. */
export interface TrainingStep {
  /** Steps taken, from 1; 0 for the pictures of the untrained network, which come without a loss. */
  readonly step: number;
  readonly steps: number;
  readonly loss?: number;
  readonly device: Device;
  readonly pictures?: StepPictures;
}

/** From the page. */
export type Order =
  | { readonly order: "start"; readonly method: string; readonly options: TrainingOptions }
  | { readonly order: "pause" | "resume" };

/** From the worker. */
export type Report =
  | { readonly report: "step"; readonly step: TrainingStep }
  | { readonly report: "done" }
  | { readonly report: "failed"; readonly message: string };
