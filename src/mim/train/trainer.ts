/**
 * Trains any method. Survey §2.1, Algorithm 1, steps 10 to 13: the gradient of the loss moves the encoder, the decoder,
 * the projection and the mask token. One compiled function makes a whole step: loss, gradients, AdamW, and the update of
 * what the method keeps beside its parameters.
 */
import { seededDraws } from "../draws.ts";
import type { HostInputs, HostTensor, Method, Outputs } from "../method.ts";
import { type HostParams, initParams, type Params, toTensors } from "../nn/params.ts";
import { compile, dispose, read, scope, type Tensor, type Tree, tensor, valueAndGrad } from "../ops.ts";
import { adamW } from "../optim/adamW.ts";
import type { OptimizerState } from "../optim/optimizer.ts";
import { stepRules } from "../optim/stepRules.ts";
import { warmupCosine } from "../schedule/warmupCosine.ts";
import { fold, type Key } from "../toy/random.ts";
import { packing } from "./packing.ts";

export interface TrainOptions {
  readonly steps: number;
  /** Peak of the learning rate, reached after a tenth of the steps. */
  readonly lr: number;
  readonly weightDecay?: number;
}

/** Everything that a run needs to go on: flat records of host numbers. */
export interface Checkpoint {
  /** Steps taken. */
  readonly step: number;
  readonly params: HostParams;
  readonly state: HostParams;
  /** First and second moments of the trained parameters. */
  readonly mean: HostParams;
  readonly square: HostParams;
}

export interface Trainer {
  /** Takes one step on a batch; resolves to its loss. */
  step(batch: HostInputs): Promise<number>;
  /** Loss and pictures of a batch as the network stands, without a step. */
  look(batch: HostInputs): Promise<{
    readonly loss: number;
    readonly whole?: HostTensor;
    readonly masked?: HostTensor;
    readonly reconstruction?: HostTensor;
  }>;
  /** Features of a batch, [N, D]. */
  encode(batch: HostInputs): Promise<HostTensor>;
  checkpoint(): Promise<Checkpoint>;
  dispose(): void;
}

/** Starting point of a run: parameters drawn from the key, no steps taken. */
export function startingPoint<C>(method: Method<C>, config: C, key: Key): Checkpoint {
  const params = initParams(method.specs(config), fold(key, "params"));
  const moments = (): HostParams =>
    Object.fromEntries(
      Object.entries(params)
        .filter(([name]) => method.specs(config)[name]?.trainable !== false)
        .map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }]),
    );
  return { step: 0, params, state: method.state?.init(config, params) ?? {}, mean: moments(), square: moments() };
}

/** A trainer that goes on from a checkpoint; the same key and batches give the same numbers. */
export function trainer<C>(method: Method<C>, config: C, options: TrainOptions, from: Checkpoint, key: Key): Trainer {
  const specs = method.specs(config);
  const trainedNames = Object.keys(specs).filter((name) => specs[name]?.trainable !== false);
  const rules = stepRules(specs, { weightDecay: options.weightDecay ?? 0.05 });
  const small = packing(pick(shapesOf(from.params), trainedNames), (name) =>
    rules[name]?.weightDecay === 0 ? "vectors" : "decaying vectors",
  );
  const packedRules = Object.fromEntries(Object.entries(small.members).map(([name, one]) => [name, rules[one]!]));
  const optimizer = adamW({ betas: [0.9, 0.95] });
  const kept = packing(shapesOf(from.state), () => "state");

  const all = toTensors(from.params);
  const fixed = omit(all, trainedNames);
  let trained = small.pack(pick(all, trainedNames));
  let state = kept.pack(toTensors(from.state));
  let moments: OptimizerState = {
    step: tensor([from.step], []),
    mean: small.pack(toTensors(from.mean)),
    square: small.pack(toTensors(from.square)),
  };
  let step = from.step;

  const runStep = compile((p: Params, f: Params, s: Params, m: OptimizerState, x: Params, lr: number): StepResult => {
    const beside = kept.unpack(s);
    const { value, aux, grads } = valueAndGrad((q: Params, g: Params, b: Params, y: Params) => {
      const { loss, outputs } = method.evaluate(config, { ...q, ...g }, y, b);
      return [loss, outputs as Tree] as const;
    })(small.unpack(p), f, beside, x);
    const { params, state: nextMoments } = optimizer.update(m, p, small.pack(grads as Params), lr, packedRules);
    const whole = { ...small.unpack(params), ...f };
    const next = method.state ? kept.pack(method.state.update(config, beside, whole, x, aux as Outputs)) : s;
    return { loss: value, params, moments: nextMoments, state: next };
  });
  const runLook = compile((p: Params, f: Params, s: Params, x: Params) => {
    const { loss, outputs } = method.evaluate(config, { ...small.unpack(p), ...f }, x, kept.unpack(s));
    return { loss, ...method.pictures?.(config, x, outputs) } as Record<string, Tensor>;
  });
  const runGuide = compile((p: Params, f: Params, s: Params, x: Params) =>
    method.guide!(config, { ...small.unpack(p), ...f }, x, kept.unpack(s)),
  );
  const runEncode = compile((p: Params, f: Params, x: Params) =>
    method.encode(config, { ...small.unpack(p), ...f }, x),
  );

  async function inputsOf(batch: HostInputs, at: number): Promise<Params> {
    const draws = seededDraws(fold(fold(key, "draws"), at));
    const guide = method.guide && (await borrowed(runGuide(trained, fixed, state, upload(batch)), readAll));
    return upload(method.prepare(config, batch, draws, { step: at, steps: options.steps }, guide));
  }

  return {
    async step(batch) {
      const inputs = await inputsOf(batch, step);
      const peak = { peak: options.lr, end: 0, warmup: options.steps / 10, total: options.steps };
      const result = runStep(trained, fixed, state, moments, inputs, warmupCosine(step + 1, peak));
      const [loss] = await read(result.loss);
      const old: Tree[] = [trained, moments as unknown as Tree, inputs, result.loss];
      dispose(method.state ? [...old, state] : old);
      trained = result.params;
      moments = result.moments;
      if (method.state) state = result.state;
      else dispose(result.state);
      step++;
      return loss as number;
    },
    async look(batch) {
      const inputs = await inputsOf(batch, step);
      const shown = await borrowed(runLook(trained, fixed, state, inputs), readAll);
      dispose(inputs);
      return { ...shown, loss: shown.loss!.data[0]! };
    },
    async encode(batch) {
      const inputs = upload(method.arrange?.(config, batch) ?? batch);
      const features = await borrowed({ x: runEncode(trained, fixed, inputs) }, readAll);
      dispose(inputs);
      return features.x!;
    },
    async checkpoint() {
      const host = async (packed: Params, by: { unpack: (p: Params) => Params }) =>
        (await borrowed(
          scope(() => by.unpack(packed)),
          readAll,
        )) as HostParams;
      return {
        step,
        params: { ...(await host(trained, small)), ...((await readAll(fixed)) as HostParams) },
        state: await host(state, kept),
        mean: await host(moments.mean as Params, small),
        square: await host(moments.square as Params, small),
      };
    },
    dispose: () => dispose([trained, fixed, state, moments as unknown as Tree]),
  };
}

type StepResult = {
  readonly loss: Tensor;
  readonly params: Params;
  readonly moments: OptimizerState;
  readonly state: Params;
};

/** Host numbers as tensors: whole numbers int32, others float32. */
const upload = (host: HostInputs): Params =>
  Object.fromEntries(
    Object.entries(host).map(([name, { shape, data }]) => [
      name,
      tensor(data, shape, data instanceof Int32Array ? "int32" : "float32"),
    ]),
  );

async function readAll(record: Params): Promise<Record<string, HostTensor>> {
  const host: Record<string, HostTensor> = {};
  for (const [name, x] of Object.entries(record)) host[name] = { shape: x.shape, data: await read(x) };
  return host;
}

async function borrowed<R>(record: Params, use: (record: Params) => Promise<R>): Promise<R> {
  const result = await use(record);
  dispose(record);
  return result;
}

const shapesOf = (host: HostParams): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(host).map(([name, { shape }]) => [name, shape]));
const pick = <T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, record[name] as T]));
const omit = <T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
