import type { HostInputs, HostTensor, Method } from "../method.ts";
import { type Actual, type Check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Our tensors under the names of a recording, from the prepared inputs and the outputs by path. */
export type Renaming = (inputs: HostInputs, outputs: Readonly<Record<string, HostTensor>>) => Record<string, Actual>;

/** What one evaluation of a recorded model gave, on the host. */
export interface ModelRun {
  readonly params: Record<string, HostTensor>;
  readonly inputs: HostInputs;
  readonly outputs: Record<string, HostTensor>;
  readonly grads: Record<string, HostTensor>;
  readonly checks: Check[];
}

/** One evaluation of a method on a recording's images, draws and parameters, and its comparison. */
export async function modelParity<C>(
  method: Method<C>,
  c: C,
  fixture: Fixture,
  dtype: RunDType,
  rename: Renaming,
): Promise<ModelRun> {
  const params = hosts(fixture.params);
  sameNames(Object.keys(method.specs(c)), Object.keys(params));
  const { imgs: images, ...rest } = hosts(fixture.inputs);
  const inputs = method.prepare(c, { ...rest, images: images! }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const { loss, outputs, grads } = await evaluateWithGradients(
    (p, x) => method.evaluate(c, p, x, {}),
    params,
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const checks = checkModel(fixture, { ...rename(inputs, outputs), loss }, grads, dtype);
  return { params, inputs, outputs, grads, checks };
}
