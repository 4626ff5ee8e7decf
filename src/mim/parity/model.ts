import type { Evaluation, HostInputs, HostTensor, Inputs, Method } from "../method.ts";
import { type Params, under } from "../nn/params.ts";
import { type Actual, type Check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts, isTensor, type JsonTensor, ParityError } from "./fixture.ts";
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

export interface ModelOptions {
  readonly state?: RecordedState;
  /** Parameters that the code base makes and its loss never uses. */
  readonly unused?: RegExp;
}

/** Tables and running statistics, which some recordings list among the parameters. */
const BUFFERS = /(^|\.)(running_mean|running_var|num_batches_tracked|relative_position_index|position_ids|attn_mask)$/;

/** The parameters of a recording, which must be those that are expected (or be called so), unused ones aside. */
export function modelParams(
  fixture: Fixture,
  expected: readonly string[] | RegExp,
  unused?: RegExp,
): Record<string, HostTensor> {
  const recorded = hosts(fixture.params ?? (fixture.params_student as Fixture["params"]));
  const params = Object.fromEntries(Object.entries(recorded).filter(([name]) => !BUFFERS.test(name)));
  const names = Object.keys(params);
  const want = expected instanceof RegExp ? names.filter((name) => expected.test(name)) : expected;
  sameNames(
    want,
    names.filter((name) => want.includes(name) || !unused?.test(name)),
  );
  return params;
}

/** Tensors of a record by their own names, those of nested records among them. */
function flatInputs(record: Readonly<Record<string, unknown>>): Record<string, JsonTensor> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, x]) => {
      if (isTensor(x)) return [[name, x]];
      return typeof x === "object" && x !== null ? Object.entries(flatInputs(x as Record<string, unknown>)) : [];
    }),
  );
}

/** The images of a recording under our name; other inputs keep theirs. */
export function modelInputs(fixture: Fixture): Record<string, HostTensor> {
  const given = hosts(flatInputs(fixture.inputs ?? {}));
  const name = ["images", "imgs", "img", "image", "x", "samples"].find((key) => key in given);
  if (name === undefined) return given;
  const { [name]: images, ...rest } = given;
  return { ...rest, images: images! };
}

/** One evaluation of a composition on recorded parameters and prepared inputs, and its comparison. */
export async function evaluationParity(
  fixture: Fixture,
  dtype: RunDType,
  run: {
    readonly evaluate: (params: Params, inputs: Inputs) => Evaluation;
    readonly params: Record<string, HostTensor>;
    readonly inputs: HostInputs;
    readonly rename: Renaming;
  },
): Promise<ModelRun> {
  const { params, inputs } = run;
  const { loss, outputs, grads } = await evaluateWithGradients(
    run.evaluate,
    params,
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const ours = { ...inputs, ...outputs, ...run.rename(inputs, outputs), loss };
  return { params, inputs, outputs, grads, checks: checkModel(fixture, ours, grads, dtype) };
}

/** One evaluation of a method on a recording's images, draws and parameters, and its comparison. */
export async function modelParity<C>(
  method: Method<C>,
  c: C,
  fixture: Fixture,
  dtype: RunDType,
  rename: Renaming,
  { state, unused }: ModelOptions = {},
): Promise<ModelRun> {
  const params = modelParams(fixture, Object.keys(method.specs(c)), unused);
  const draws = recordedDraws(fixture.draws);
  const given = modelInputs(fixture);
  if (!given.images) {
    throw new ParityError(`inputs: expected imgs, found ${Object.keys(given).join(", ") || "none"}`);
  }
  const inputs = method.prepare(c, given, draws, { step: 0, steps: 1 });
  const beside = Object.entries(hosts(state?.params)).map(([name, x]) => [STATE + state!.prefix + name, x] as const);
  return evaluationParity(fixture, dtype, {
    evaluate: (p, x) => method.evaluate(c, p, x, under(p, STATE)),
    params: { ...params, ...Object.fromEntries(beside) },
    inputs,
    rename,
  });
}
