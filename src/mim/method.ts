/**
 * What a method of masked image modeling is made of. A method is a value: its recipe (the four axes of the survey's
 * taxonomy), the paper's published hyper-parameters, and pure functions over tensors that a trainer, the command line,
 * a parity run or a page composes.
 */

import type { Draws } from "./draws.ts";
import type { HostParams, ParamSpecs, Params } from "./nn/params.ts";
import type { Tensor, Tree } from "./ops.ts";

/** Numbers on the host, row by row. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}
export type HostInputs = Readonly<Record<string, HostTensor>>;
export type Inputs = Readonly<Record<string, Tensor>>;

/** A building block by the file that holds it, `masking/random` for src/mim/masking/random.ts. */
export interface Part {
  readonly file: string;
  /** What it does here, in a few words: "random, 75 % of the patches". */
  readonly does: string;
}

/** The survey's axes: what is hidden, what is predicted, how that is judged, and by which network. */
export interface Recipe {
  readonly masking: Part;
  readonly target: Part;
  readonly objective: Part;
  readonly architecture: Part;
}

/** A published hyper-parameter and where it stands. */
export interface Published {
  readonly value: number | string;
  readonly source: string;
}

/**
 * How well a method is proven. `parity`: equal to the authors' code on a recorded run of the whole model. `mechanism`: a
 * test of the property that sets the method apart holds, and fails for the generic method.
 */
export interface Evidence {
  readonly level: "parity" | "mechanism" | "framework";
  /** Test or golden file that proves it, from the repository's root. */
  readonly proof: string;
}

/** Where training stands. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
}

/** Named results, some of them lists or records. */
export type Outputs = Readonly<Record<string, Tree>>;

/** One evaluation: the loss, and whatever else is worth looking at by name. */
export interface Evaluation {
  /** [] */
  readonly loss: Tensor;
  readonly outputs: Outputs;
}

/** Tensors beside the trained parameters: a momentum teacher, a centre, a codebook. */
export interface State<C> {
  init(config: C, params: HostParams): HostParams;
  /** The state after a step, from the new parameters and the step's inputs and outputs. */
  update(config: C, state: Params, params: Params, inputs: Inputs, outputs: Outputs): Params;
}

/** A network that is trained first and then stands frozen in the state, each parameter's name after `prefix`. */
export interface Teacher {
  readonly prefix: string;
  readonly method: Method<never>;
  readonly config: never;
  readonly steps: number;
  readonly lr: number;
}

/** A teacher of any method, its configuration beside it. */
export const teacherOf = <C>(t: {
  readonly prefix: string;
  readonly method: Method<C>;
  readonly config: C;
  readonly steps: number;
  readonly lr: number;
}): Teacher => t as unknown as Teacher;

/** Modalities of the toy world that a method trains on. */
export type Modality =
  | "rgb"
  | "video"
  | "audio"
  | "points"
  | "depth"
  | "views"
  | "volume"
  | "captions"
  | "segmentation"
  | "normals"
  | "mesh";

export interface Toy<C> {
  readonly config: C;
  readonly modality: Modality;
  readonly batch: number;
  readonly steps: number;
  readonly lr: number;
  /** False where the encoder is not meant to tell classes: a tokenizer, a detector, a generator, a block that spots anomalies. */
  readonly classifies?: false;
  /** What was tried, where training does not make the encoder's features surely better (data/toy-results.csv). */
  readonly tried?: string;
}

export interface Method<C = never> {
  /** Name on the command line, `mae`. */
  readonly id: string;
  readonly title: string;
  /** The paper's id in the atlas, `he2022mae`; null for a paper that the survey does not review. */
  readonly paper: string | null;
  /** Section, equation or algorithm of the paper and of the survey. */
  readonly source: string;
  /**
   * The survey's algorithm whose lines `evaluate` runs, by number: 1 for `reconstruct` of algorithm1.ts, 2 for `contrast` of
   * algorithm2.ts. Null or absent for a method that goes another way, close to one of them as it may be.
   */
  readonly algorithm?: 1 | 2 | null;
  readonly recipe: Recipe;
  readonly published: Readonly<Record<string, Published>>;
  readonly evidence: Evidence;
  /** Preset meant to train in under a minute on two cores. */
  readonly toy: Toy<C>;
  readonly specs: (config: C) => ParamSpecs;
  /** Host work before a step: masks, schedules, targets that need no gradient. `guide` is what `guide` gave. */
  readonly prepare: (config: C, batch: HostInputs, draws: Draws, progress: Progress, guide?: HostInputs) => HostInputs;
  /** Traced: no reading of numbers, no randomness but what `prepare` put into the inputs. */
  readonly evaluate: (config: C, params: Params, inputs: Inputs, state: Params) => Evaluation;
  readonly state?: State<C>;
  /** Networks to train before this one; without them the state keeps random ones (train/trainTeachers.ts). */
  readonly teachers?: (config: C) => readonly Teacher[];
  /** Traced, before `prepare`: what masks that depend on the network need, such as attention or predicted losses. */
  readonly guide?: (config: C, params: Params, inputs: Inputs, state: Params) => Inputs;
  /** Host work before `encode` where the batch will not do as it is: the patches of point clouds. */
  readonly arrange?: (config: C, batch: HostInputs) => HostInputs;
  /** Features of a batch for probes, [N, D]; the whole input is visible. */
  readonly encode: (config: C, params: Params, inputs: Inputs) => Tensor;
  /**
   * Pictures of a step, each [N, 3, H, W] in the scale of the images: what they are of, where it is not the batch's images, what
   * was hidden and what was put there.
   */
  readonly pictures?: (
    config: C,
    inputs: Inputs,
    outputs: Outputs,
  ) => { readonly whole?: Tensor; readonly masked: Tensor; readonly reconstruction: Tensor };
}
