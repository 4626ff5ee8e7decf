/** One evaluation of a method on toy examples, for tests of what sets it apart. */
import { seededDraws } from "../../src/mim/draws.ts";
import type { Evaluation, HostInputs, HostTensor, Method } from "../../src/mim/method.ts";
import { type HostParams, initParams, type Params } from "../../src/mim/nn/params.ts";
import { type Tensor, zeros } from "../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../src/mim/parity/evaluate.ts";
import { toyBatch } from "../../src/mim/toy/batch.ts";
import { keyOf } from "../../src/mim/toy/random.ts";

/** Sizes that compile in a moment; spread over a toy configuration. */
export const TINY = {
  imageSize: [16, 16] as const,
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  decoderDim: 16,
  decoderDepth: 1,
  decoderHeads: 2,
};

export interface Once {
  readonly n?: number;
  readonly seed?: number;
  readonly step?: number;
  readonly steps?: number;
  /** Examples as `toyBatch` gives them, parameters and state; fresh ones unless given. */
  readonly batch?: HostInputs;
  readonly params?: HostParams;
  readonly state?: HostParams;
  /** What `prepare` gave; prepared anew unless given. */
  readonly inputs?: HostInputs;
  /** Whose gradients are wanted; none unless given. */
  readonly trained?: readonly string[];
  /** The scalar to differentiate; the loss unless given. */
  readonly of?: (evaluation: Evaluation) => Tensor;
}

export interface OnceResult {
  readonly loss: number;
  /** By path, `losses.0`. */
  readonly outputs: Readonly<Record<string, HostTensor>>;
  readonly grads: Readonly<Record<string, HostTensor>>;
  readonly batch: HostInputs;
  readonly params: HostParams;
  readonly state: HostParams;
  readonly inputs: HostInputs;
}

const STATE = "state:";

export async function evaluateOnce<C>(method: Method<C>, config: C, once: Once = {}): Promise<OnceResult> {
  const { n = 3, seed = 1, step = 0, steps = 10, trained = [], of = ({ loss }) => loss } = once;
  const size = (config as { imageSize?: readonly number[] }).imageSize?.[0] ?? 16;
  const batch = once.batch ?? toyBatch(method.toy.modality, { seed, start: 0, n, size }).inputs;
  const params = once.params ?? initParams(method.specs(config), keyOf(seed));
  const state = once.state ?? method.state?.init(config, params) ?? {};
  const kept = Object.fromEntries(Object.entries(state).map(([name, x]) => [STATE + name, x]));
  const split = (all: Params) => {
    const [own, beside]: [Record<string, Tensor>, Record<string, Tensor>] = [{}, {}];
    for (const [name, x] of Object.entries(all)) {
      if (name.startsWith(STATE)) beside[name.slice(STATE.length)] = x;
      else own[name] = x;
    }
    return [own, beside] as const;
  };
  const both = { ...params, ...kept };
  const guide =
    method.guide &&
    (
      await evaluateWithGradients(
        (all, x) => ({ loss: zeros([], "float64"), outputs: method.guide!(config, ...swap(split(all), x)) }),
        both,
        batch,
        [],
        "float64",
      )
    ).outputs;
  const draws = seededDraws(keyOf(seed + 1));
  const inputs = once.inputs ?? method.prepare(config, batch, draws, { step, steps }, guide);
  const { outputs, grads } = await evaluateWithGradients(
    (all, x) => {
      const [own, beside] = split(all);
      const evaluation = method.evaluate(config, own, x, beside);
      return { loss: of(evaluation), outputs: { ...evaluation.outputs, theLoss: evaluation.loss } };
    },
    both,
    inputs,
    trained,
    "float64",
  );
  return { loss: outputs.theLoss!.data[0]!, outputs, grads, batch, params, state, inputs };
}

/** The arguments of `guide` after the configuration. */
const swap = ([own, beside]: readonly [Params, Params], x: Params) => [own, x, beside] as const;

/** Length of a gradient or any other tensor. */
export const norm = (x: HostTensor | undefined): number =>
  Math.sqrt(Array.from(x!.data).reduce((a, v) => a + v * v, 0));

/** Largest difference of two tensors. */
export const distance = (a: HostTensor | undefined, b: HostTensor | undefined): number =>
  Array.from(a!.data).reduce((m, v, i) => Math.max(m, Math.abs(v - b!.data[i]!)), 0);

/** A tensor with other numbers in place of some. */
export const changed = (x: HostTensor, change: (value: number, index: number) => number): HostTensor => ({
  shape: x.shape,
  data: Float64Array.from(x.data, change),
});
