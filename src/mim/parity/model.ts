import type { HostInputs, HostTensor, Method } from "../method.ts";
import { under } from "../nn/params.ts";
import { type Actual, type Check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Our tensors under the names of a recording, from the prepared inputs and the outputs by path. */
export type Renaming = (inputs: HostInputs, outputs: Readonly<Record<string, HostTensor>>) => Record<string, Actual>;

const STATE = "state:";

/** What one evaluation of a recorded model gave, on the host. */
export interface ModelRun {
  readonly params: Record<string, HostTensor>;
  readonly inputs: HostInputs;
  readonly outputs: Record<string, HostTensor>;
  readonly grads: Record<string, HostTensor>;
  readonly checks: Check[];
}

/** A network beside the trained one, whose recorded parameters become the state under `prefix`. */
export interface RecordedState {
  readonly prefix: string;
  readonly params: Readonly<Record<string, JsonTensor>>;
}

/** One evaluation of a method on a recording's images, draws and parameters, and its comparison. */
export async function modelParity<C>(
  method: Method<C>,
  c: C,
  fixture: Fixture,
  dtype: RunDType,
  rename: Renaming,
  state?: RecordedState,
): Promise<ModelRun> {
  const params = hosts(fixture.params ?? (fixture.params_student as Fixture["params"]));
  sameNames(Object.keys(method.specs(c)), Object.keys(params));
  const { imgs: images, ...rest } = hosts(fixture.inputs);
  const inputs = method.prepare(c, { ...rest, images: images! }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const beside = Object.entries(hosts(state?.params)).map(([name, x]) => [STATE + state!.prefix + name, x] as const);
  const { loss, outputs, grads } = await evaluateWithGradients(
    (p, x) => method.evaluate(c, p, x, under(p, STATE)),
    { ...params, ...Object.fromEntries(beside) },
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const checks = checkModel(fixture, { ...rename(inputs, outputs), loss }, grads, dtype);
  return { params, inputs, outputs, grads, checks };
}
