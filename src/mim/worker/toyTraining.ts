import type { HostInputs, HostTensor } from "../method.ts";
import type { AnyMethod } from "../methods/all.ts";
import { type Device, start } from "../ops.ts";
import { fold, keyOf } from "../toy/random.ts";
import { displayed, examplesOf, POOL } from "../train/examples.ts";
import { batchOrder } from "../train/pool.ts";
import { startingPoint, type Trainer, trainer } from "../train/trainer.ts";
import { trainTeachers } from "../train/trainTeachers.ts";
import type { StepPictures, TrainingOptions, TrainingStep } from "./messages.ts";

/**
 * Training on the toy world as a sequence of steps. Where WebGPU starts but cannot take a first step, WASM takes over.
 * Throws where no device starts.
 */
export async function* toyTraining(method: AnyMethod, options: TrainingOptions): AsyncGenerator<TrainingStep> {
  const { modality, batch, lr } = method.toy;
  const { seed = 0, steps = method.toy.steps, picturesEvery = 25, shown = 8 } = options;
  const config = method.toy.config;
  const size = (config as { imageSize?: readonly number[] }).imageSize?.[0] ?? 32;
  const key = fold(keyOf(seed), method.id);
  const idsOf = batchOrder(POOL, batch, fold(key, "order"));
  const rendered = new Map<number, HostInputs>(); // each when its turn comes
  const example = (id: number) => {
    if (!rendered.has(id)) rendered.set(id, examplesOf(modality, { seed, start: id, n: 1, size }).inputs);
    return rendered.get(id)!;
  };
  const batchAt = (step: number): HostInputs => joined(Array.from(idsOf(step), example));
  const sample = examplesOf(modality, { seed, start: 0, n: Math.min(shown, batch), size }).inputs;

  const begin = async (): Promise<Trainer> => {
    const from = await trainTeachers(method, config, startingPoint(method, config, key), batchAt, key);
    return trainer(method, config, { steps, lr }, from, fold(key, "training"));
  };
  const look = async (training: Trainer) =>
    method.pictures && picturesEvery > 0 ? picturesOf(sample, await training.look(sample)) : undefined;

  let device = await firstDevice(options.device ?? "auto");
  let training = await begin();
  let first: { readonly pictures?: StepPictures | undefined; readonly loss: number };
  try {
    first = { pictures: await look(training), loss: await training.step(batchAt(0)) };
    if (!Number.isFinite(first.loss)) throw new RangeError(`loss: expected a number, found ${first.loss}`);
  } catch (error) {
    if (device !== "webgpu" || !(await start("wasm"))) throw error;
    device = "wasm";
    training = await begin();
    first = { pictures: await look(training), loss: await training.step(batchAt(0)) };
  }
  yield { step: 0, steps, device, ...(first.pictures && { pictures: first.pictures }) };
  yield { step: 1, steps, device, loss: first.loss };
  for (let step = 2; step <= steps; step++) {
    const loss = await training.step(batchAt(step - 1));
    const pictures = step === steps || step % picturesEvery === 0 ? await look(training) : undefined;
    yield { step, steps, device, loss, ...(pictures && { pictures }) };
  }
  training.dispose();
}

/** Examples of one row each as one batch. */
function joined(rows: readonly HostInputs[]): HostInputs {
  return Object.fromEntries(
    Object.entries(rows[0]!).map(([name, { shape, data: row }]) => {
      const data = new (row.constructor as Float32ArrayConstructor)(row.length * rows.length);
      rows.forEach((inputs, i) => data.set(inputs[name]!.data, i * row.length));
      return [name, { shape: [rows.length, ...shape.slice(1)], data }];
    }),
  );
}

async function firstDevice(wanted: Device | "auto"): Promise<Device> {
  for (const device of wanted === "auto" ? (["webgpu", "wasm"] as const) : [wanted]) {
    if (await start(device)) return device;
  }
  throw new Error(`expected ${wanted === "auto" ? "WebGPU or WebAssembly" : wanted} in this browser, found none`);
}

function picturesOf(
  sample: HostInputs,
  { whole = sample.images!, masked, reconstruction }: Awaited<ReturnType<Trainer["look"]>>,
): StepPictures | undefined {
  if (!masked || !reconstruction) return undefined;
  const [count, , height, width] = masked.shape as [number, number, number, number];
  const input = displayed(whole);
  const range = rangeOf(input.data);
  return {
    count,
    width,
    height,
    input: pixels(input, range),
    masked: pixels(displayed(masked), range),
    reconstruction: pixels(displayed(reconstruction), range),
  };
}

/** Values shown as black and white: 0 and 1 for pictures, the extremes of what has another scale. */
function rangeOf(data: HostTensor["data"]): readonly [number, number] {
  let [low, high] = [0, 1];
  for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

/** [N, 3 or 1, H, W] -> RGBA. */
function pixels({ shape, data }: HostTensor, [low, high]: readonly [number, number]): Uint8ClampedArray<ArrayBuffer> {
  const [N, C, H, W] = shape as [number, number, number, number];
  const rgba = new Uint8ClampedArray(N * H * W * 4).fill(255);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < 3; c++) {
      const from = (n * C + Math.min(c, C - 1)) * H * W;
      for (let p = 0; p < H * W; p++) {
        rgba[(n * H * W + p) * 4 + c] = (255 * (data[from + p]! - low)) / (high - low);
      }
    }
  }
  return rgba;
}
