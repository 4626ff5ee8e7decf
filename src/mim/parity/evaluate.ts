import type { Evaluation, HostInputs, HostTensor, Inputs } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { compile, dispose, leaves, read, type Tensor, type Tree, tensor, valueAndGrad } from "../ops.ts";
import type { RunDType } from "./compare.ts";
import { type Fixture, ParityError } from "./fixture.ts";

/** The numbers of a tree's tensors by their path: `encoded.layers.0`. */
export async function readTree(tree: Tree, path = ""): Promise<Record<string, HostTensor>> {
  const only = leaves(tree);
  if (only[0] === tree) return { [path]: { shape: only[0].shape, data: await read(only[0]) } };
  const parts: Record<string, HostTensor> = {};
  for (const [key, part] of Object.entries(tree as Record<string, Tree>)) {
    Object.assign(parts, await readTree(part, path ? `${path}.${key}` : key));
  }
  return parts;
}

/** Host numbers as tensors; whole numbers stay int32, the others take the run's dtype. */
export const upload = (host: HostInputs, dtype: RunDType): Inputs =>
  Object.fromEntries(
    Object.entries(host).map(([name, { shape, data }]) => [
      name,
      tensor(data, shape, data instanceof Int32Array ? "int32" : dtype),
    ]),
  );

/**
 * Loss, outputs (by path) and gradients of one evaluation, read to the host. Gradients are taken with respect to the
 * parameters named in `trained`.
 */
export async function evaluateWithGradients(
  evaluate: (params: Params, inputs: Inputs) => Evaluation,
  parameters: HostInputs,
  inputs: HostInputs,
  trained: readonly string[],
  dtype: RunDType,
): Promise<{ loss: HostTensor; outputs: Record<string, HostTensor>; grads: Record<string, HostTensor> }> {
  for (const name of trained) {
    if (!(name in parameters)) throw new ParityError(`grads.${name}: expected the name of a parameter, found none`);
  }
  const all = upload(parameters, dtype);
  const given = upload(inputs, dtype);
  const part = (names: readonly string[]): Params =>
    Object.fromEntries(names.map((name) => [name, all[name] as Tensor]));
  const fixed = Object.keys(all).filter((name) => !trained.includes(name));
  const run = compile((p: Params, f: Params, x: Inputs) => {
    const { value, aux, grads } = valueAndGrad((q: Params, g: Params, y: Inputs) => {
      const { loss, outputs } = evaluate({ ...q, ...g }, y);
      return [loss, outputs as Tree] as const;
    })(p, f, x);
    return { loss: value, outputs: aux, grads: grads as Tree } as Tree;
  });
  const result = run(part(trained), part(fixed), given) as { loss: Tensor; outputs: Tree; grads: Tree };
  const numbers = {
    loss: (await readTree(result.loss, "loss")).loss as HostTensor,
    outputs: await readTree(result.outputs),
    grads: await readNamed(result.grads as Params),
  };
  dispose([result, all, given] as Tree);
  return numbers;
}

/** As `readTree` for a flat record, whose names may hold dots. */
export async function readNamed(record: Params): Promise<Record<string, HostTensor>> {
  const numbers: Record<string, HostTensor> = {};
  for (const [name, x] of Object.entries(record)) numbers[name] = { shape: x.shape, data: await read(x) };
  return numbers;
}

/** The names of the trained parameters of a fixture. */
export const trainedNames = (fixture: Fixture): string[] => Object.keys(fixture.grads?.stats ?? {});

/** Refuses parameters that the model does not have, and a model whose parameters are not all given. */
export function sameNames(expected: readonly string[], found: readonly string[]): void {
  const want = new Set(expected);
  const have = new Set(found);
  const unknown = found.filter((name) => !want.has(name));
  const missing = expected.filter((name) => !have.has(name));
  if (unknown.length)
    throw new ParityError(`params.${unknown[0]}: expected a parameter of the model, found ${unknown.join(", ")}`);
  if (missing.length) throw new ParityError(`params: expected ${missing.join(", ")}, found none`);
}

/** The tensors whose path starts with `path`, renamed: `encoded.layers.0` becomes `enc_block0`. */
export const layersAs = (
  name: string,
  outputs: Readonly<Record<string, HostTensor>>,
  path: string,
): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([key, x]) => (key.startsWith(path) ? [[name + key.slice(path.length), x]] : [])),
  );
