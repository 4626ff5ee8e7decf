import type { HostTensor } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { full, mean, mul, square, sub, sum, type Tensor } from "../ops.ts";
import { type Check, check, checkGradients, closest, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, type Gradients, host, hosts, isTensor, type JsonTensor, ParityError } from "./fixture.ts";

/** One recorded layer: its parameters, what went in, what came out, and perhaps a scalar of that and its gradients. */
interface LayerCase {
  readonly params?: Readonly<Record<string, JsonTensor>>;
  readonly x: JsonTensor;
  readonly out: JsonTensor;
  readonly loss?: JsonTensor;
  readonly grads?: Gradients;
  readonly grad_x?: JsonTensor;
}

/** Scalars of an output that recordings differentiate; which one it was shows in its value. */
const SCALARS = {
  sum: (y: Tensor) => sum(y),
  mean: (y: Tensor) => mean(y),
  sumOfSquares: (y: Tensor) => sum(square(y)),
  meanOfSquares: (y: Tensor) => mean(square(y)),
  halfSumOfSquares: (y: Tensor) => mul(sum(square(y)), 0.5),
  distance: (y: Tensor, x: Tensor) => (String(y.shape) === String(x.shape) ? mean(square(sub(y, x))) : full([], 0)),
} as const;
type Scalar = keyof typeof SCALARS;

/** Single layers, case by case. */
export async function layerCases(
  fixture: Fixture,
  dtype: RunDType,
  layer: (p: Params, x: Tensor) => Tensor,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.cases as readonly LayerCase[]).entries()) {
    const at = `cases[${i}].`;
    if (!isTensor(recorded.x) || !isTensor(recorded.out)) {
      throw new ParityError(`${at}x and ${at}out: expected tensors, found ${Object.keys(recorded).join(", ")}`);
    }
    const params = hosts(recorded.params);
    const given = { ...params, x: host(recorded.x) };
    const run = (scalar: Scalar, names: readonly string[]) =>
      evaluateWithGradients(
        ({ x, ...p }) => {
          const out = layer(p, x!);
          const values = Object.fromEntries(Object.entries(SCALARS).map(([name, of]) => [name, of(out, x!)]));
          return { loss: values[scalar]!, outputs: { out, values } };
        },
        given,
        {},
        names,
        dtype,
      );
    const trained = [...Object.keys(recorded.grads?.stats ?? {}), ...(recorded.grad_x ? ["x"] : [])];
    const { outputs } = await run("sum", []);
    checks.push(check(`${at}out`, recorded.out, outputs.out, "forward", dtype));
    if (!recorded.loss) continue;
    const scalars = Object.keys(SCALARS) as Scalar[];
    const values = scalars.map((name) => outputs[`values.${name}`] as HostTensor);
    const scalar = scalars[values.indexOf(closest(recorded.loss, ...values))]!;
    const { loss, grads } = await run(scalar, trained);
    checks.push(check(`${at}loss`, recorded.loss, loss, "forward", dtype));
    if (recorded.grad_x) checks.push(check(`${at}grad_x`, recorded.grad_x, grads.x, "gradient", dtype));
    if (recorded.grads) checks.push(...checkGradients(recorded.grads, grads, dtype, `${at}grads.`));
  }
  return checks;
}
