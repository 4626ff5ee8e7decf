import type { HostTensor } from "../method.ts";
import type { Params } from "../nn/params.ts";
import { type DType, full, mean, mul, square, sub, sum, type Tensor } from "../ops.ts";
import { type Check, check, checkGradients, closest, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, type Gradients, host, hosts, isTensor, type JsonTensor, ParityError } from "./fixture.ts";

/**
 * One recorded layer: its parameters (in a record or each by its name), what went in, what came out, and perhaps the gradients
 * of a scalar of that: `loss`, or the product with `probe`.
 */
interface LayerCase {
  readonly params?: Readonly<Record<string, JsonTensor>>;
  readonly grads?: Gradients;
  readonly [name: string]: unknown;
}

const IN = ["x", "input", "x_in"];
const OUT = ["out", "output", "y"];
const PROBE = ["probe", "grad_out", "cotangent"];

/** Scalars of an output that recordings differentiate; which one it was shows in its value. */
const SCALARS = {
  sum: (y: Tensor) => sum(y),
  mean: (y: Tensor) => mean(y),
  sumOfSquares: (y: Tensor) => sum(square(y)),
  meanOfSquares: (y: Tensor) => mean(square(y)),
  halfSumOfSquares: (y: Tensor) => mul(sum(square(y)), 0.5),
  distance: (y: Tensor, x: Tensor) =>
    String(y.shape) === String(x.shape) ? mean(square(sub(y, x))) : full([], 0, y.dtype as DType),
  probed: (y: Tensor, _: Tensor, probe?: Tensor) => (probe ? sum(mul(y, probe)) : full([], 0, y.dtype as DType)),
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
    const tensors = Object.entries(recorded).filter((entry): entry is [string, JsonTensor] => isTensor(entry[1]));
    const one = (names: readonly string[]) => tensors.find(([name]) => names.includes(name))?.[1];
    const [x, want, probe] = [one(IN), one(OUT), one(PROBE)];
    if (!x || !want) throw new ParityError(`${at}x and ${at}out: expected tensors, found ${Object.keys(recorded)}`);
    const slopes = tensors.filter(([name]) => name.startsWith("grad_") && !PROBE.includes(name));
    const rest = [...IN, ...OUT, ...PROBE, "loss", ...slopes.map(([name]) => name)];
    const apart = Object.fromEntries(tensors.filter(([name]) => !rest.includes(name)));
    const given = { ...hosts(recorded.params ?? apart), x: host(x) };
    const run = (scalar: Scalar, names: readonly string[]) =>
      evaluateWithGradients(
        ({ x, ...p }, { probe }) => {
          const out = layer(p, x!);
          const values = Object.fromEntries(Object.entries(SCALARS).map(([name, of]) => [name, of(out, x!, probe)]));
          return { loss: values[scalar]!, outputs: { out, values } };
        },
        given,
        probe ? { probe: host(probe) } : {},
        names,
        dtype,
      );
    const { outputs } = await run("sum", []);
    checks.push(check(`${at}out`, want, outputs.out, "forward", dtype));
    const loss = one(["loss"]);
    if (!loss && !probe) continue;
    const scalars = Object.keys(SCALARS) as Scalar[];
    const values = scalars.map((name) => outputs[`values.${name}`] as HostTensor);
    const scalar = probe ? "probed" : scalars[values.indexOf(closest(loss, ...values))]!;
    const named = slopes.map(([name]) => name.slice("grad_".length)).filter((name) => name in given);
    const { loss: ours, grads } = await run(scalar, [...Object.keys(recorded.grads?.stats ?? {}), ...named]);
    if (loss) checks.push(check(`${at}loss`, loss, ours, "forward", dtype));
    for (const [name, slope] of slopes) {
      checks.push(check(at + name, slope, grads[name.slice("grad_".length)], "gradient", dtype));
    }
    if (recorded.grads) checks.push(...checkGradients(recorded.grads, grads, dtype, `${at}grads.`));
  }
  return checks;
}
