import { sspcabBlock, sspcabBlockSpecs } from "../methods/sspcab.ts";
import { type Check, check, checkGradients, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames } from "./evaluate.ts";
import { type Fixture, type Gradients, host, hosts, type JsonTensor } from "./fixture.ts";

interface Case {
  readonly kernel_dim: number;
  readonly dilation: number;
  readonly reduction_ratio: number;
  readonly x: JsonTensor;
  readonly params: Readonly<Record<string, JsonTensor>>;
  readonly out: JsonTensor;
  readonly loss_mse: JsonTensor;
  readonly grads: Gradients;
  readonly grad_x: JsonTensor;
}

/** ristea/sspcab, sspcab_torch.py: the block and its own loss, case by case. */
export async function sspcabParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.cases as readonly Case[]).entries()) {
    const at = `cases[${i}].`;
    const c = {
      channels: recorded.x.shape[1]!,
      kernelDim: recorded.kernel_dim,
      dilation: recorded.dilation,
      reduction: recorded.reduction_ratio,
    };
    const params = hosts(recorded.params);
    sameNames(Object.keys(sspcabBlockSpecs(c)), Object.keys(params));
    const { loss, outputs, grads } = await evaluateWithGradients(
      ({ x, ...p }) => {
        const block = sspcabBlock(c, p, x!);
        return { loss: block.loss, outputs: { out: block.out } };
      },
      { ...params, x: host(recorded.x) },
      {},
      [...Object.keys(params), "x"],
      dtype,
    );
    checks.push(
      check(`${at}out`, recorded.out, outputs.out, "forward", dtype),
      check(`${at}loss_mse`, recorded.loss_mse, loss, "forward", dtype),
      check(`${at}grad_x`, recorded.grad_x, grads.x, "gradient", dtype),
      ...checkGradients(recorded.grads, grads, dtype, `${at}grads.`),
    );
  }
  return checks;
}
