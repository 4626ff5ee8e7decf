import { type SsmctbBlock, ssmctbBlock, ssmctbBlockSpecs } from "../methods/ssmctb.ts";
import { mean, square, sub } from "../ops.ts";
import { type Check, check, checkGradients, checkOutputs, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames } from "./evaluate.ts";
import {
  type Fixture,
  type Gradients,
  host,
  hosts,
  isTensor,
  type JsonTensor,
  options,
  ParityError,
} from "./fixture.ts";

interface Case {
  readonly kernel_dim?: number;
  readonly dilation?: number;
  readonly params: Readonly<Record<string, JsonTensor>>;
  readonly grads?: Gradients;
  readonly grad_x?: JsonTensor;
  readonly [name: string]: unknown;
}

/** ristea/ssmctb, torch_ssmctb.py and torch_ssmctb_3d.py: the block and its own loss, one run or case by case. */
export async function ssmctbParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, {
    channels: 0,
    kernel_dim: 1,
    dilation: 1,
    dim: 64,
    heads: 5,
    dim_head: 64,
    patch_dim: 1,
  });
  if (!fixture.cases) {
    const { params, inputs, outputs, grads } = fixture;
    return blockChecks({ ...o, ...inputs, ...outputs, params, grads } as unknown as Case, o, dtype, "outputs.");
  }
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.cases as readonly Case[]).entries()) {
    checks.push(...(await blockChecks(recorded, o, dtype, `cases[${i}].`)));
  }
  return checks;
}

async function blockChecks(
  recorded: Case,
  o: { readonly kernel_dim: number; readonly dilation: number; readonly heads: number },
  dtype: RunDType,
  at: string,
): Promise<Check[]> {
  const x = recorded.x ?? recorded.x_in ?? recorded.input;
  if (!isTensor(x)) throw new ParityError(`${at}x: expected a tensor, found ${Object.keys(recorded).join(", ")}`);
  const params = hosts(recorded.params);
  const rank = x.shape.length === 5 ? 3 : 2;
  const qkv = recorded.params[`${rank === 2 ? "transformer" : "transformer_sspcab"}.mha.to_qkv.weight`];
  if (!qkv) throw new ParityError(`${at}params: expected mha.to_qkv.weight, found ${Object.keys(params).join(", ")}`);
  const [inner, dim] = [qkv.shape[0]! / 3, qkv.shape[1]!];
  const c: SsmctbBlock = {
    channels: x.shape[1]!,
    rank,
    kernelDim: recorded.kernel_dim ?? o.kernel_dim,
    dilation: recorded.dilation ?? o.dilation,
    dim,
    heads: o.heads,
    headDim: inner / o.heads,
    selfLoss: "meanSquare",
  };
  sameNames(Object.keys(ssmctbBlockSpecs(c)), Object.keys(params));
  const { loss, outputs, grads } = await evaluateWithGradients(
    ({ x, ...p }) => {
      const { out, gates } = ssmctbBlock(c, p, x!);
      return { loss: mean(square(sub(out, x!))), outputs: { out, gates } }; // the release differentiates both sides
    },
    { ...params, x: host(x) },
    {},
    [...Object.keys(recorded.grads?.stats ?? {}), ...(recorded.grad_x ? ["x"] : [])],
    dtype,
  );
  const known = ["out", "output", "gates", "loss", "loss_mse", "self_loss"];
  const expected = Object.fromEntries(known.flatMap((name) => (recorded[name] ? [[name, recorded[name]]] : [])));
  const ours = { ...outputs, output: outputs.out!, loss, loss_mse: loss, self_loss: loss };
  return [
    ...checkOutputs(expected, ours, dtype, at),
    ...(recorded.grad_x ? [check(`${at}grad_x`, recorded.grad_x, grads.x, "gradient", dtype)] : []),
    ...(recorded.grads ? checkGradients(recorded.grads, grads, dtype, `${at}grads.`) : []),
  ];
}
