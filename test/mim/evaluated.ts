import type { HostInputs, HostTensor, Method } from "../../src/mim/method.ts";
import { type HostParams, toTensors } from "../../src/mim/nn/params.ts";
import { evaluateWithGradients } from "../../src/mim/parity/evaluate.ts";

/** What an evaluation gave, on the host: outputs by path, gradients by parameter. */
interface Evaluated {
  readonly loss: number;
  readonly outputs: Record<string, HostTensor>;
  readonly grads: Record<string, HostTensor>;
}

/** One compiled evaluation in float32, with gradients of the parameters named in `of`. */
export async function evaluated<C>(
  method: Method<C>,
  config: C,
  params: HostParams,
  inputs: HostInputs,
  { of = [], state = {} }: { of?: readonly string[]; state?: HostParams } = {},
): Promise<Evaluated> {
  const kept = toTensors(state);
  const run = await evaluateWithGradients((p, x) => method.evaluate(config, p, x, kept), params, inputs, of, "float32");
  return { ...run, loss: run.loss.data[0]! };
}
