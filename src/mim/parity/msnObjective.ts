import {
  meanEntropy,
  prototypeShares,
  shareCrossEntropy,
  sharpen,
  unevenness,
} from "../objective/prototypeAssignment.ts";
import { sinkhorn } from "../objective/sinkhorn.ts";
import { add, concat, max, mean, min, stopGradient, type Tensor } from "../ops.ts";
import { type Check, check, checkOutputs, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, host, type JsonTensor } from "./fixture.ts";

interface MsnCase {
  readonly num_views: number;
  readonly use_sinkhorn: boolean;
  readonly use_entropy: boolean;
  readonly tau: number;
  readonly T: number;
  readonly anchor: JsonTensor;
  readonly target: JsonTensor;
  readonly prototypes: JsonTensor;
  readonly proto_labels: JsonTensor;
  readonly outputs: Readonly<Record<string, unknown>> & {
    readonly logs: Readonly<Record<string, JsonTensor | number>>;
  };
  readonly grad_anchor: JsonTensor;
  readonly grad_prototypes: JsonTensor;
}
interface SinkhornCase {
  readonly Q: JsonTensor;
  readonly num_itr: number;
  readonly out: JsonTensor;
}

/** facebookresearch/msn, src/losses.py. */
export async function msnObjectiveParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.cases as readonly MsnCase[]).entries()) {
    checks.push(...(await lossChecks(recorded, `cases[${i}].`, dtype)));
  }
  for (const [i, { Q, num_itr, out }] of (fixture.sinkhorn as readonly SinkhornCase[]).entries()) {
    const ours = await evaluateWithGradients(
      (_, { scores }) => ({ loss: mean(scores!), outputs: { out: sinkhorn(scores!, num_itr) } }),
      {},
      { scores: host(Q) },
      [],
      dtype,
    );
    checks.push(check(`sinkhorn[${i}].out`, out, ours.outputs.out, "forward", dtype));
  }
  return checks;
}

async function lossChecks(c: MsnCase, prefix: string, dtype: RunDType): Promise<Check[]> {
  const { outputs, grads, loss } = await evaluateWithGradients(
    ({ anchor, prototypes }, { target, labels }) => {
      const shares = prototypeShares(anchor!, prototypes!, c.tau, labels);
      const sharp = sharpen(prototypeShares(target!, prototypes!, c.tau, labels), c.T);
      const balanced = stopGradient(c.use_sinkhorn ? sinkhorn(sharp) : sharp);
      const targets = concat(Array<Tensor>(c.num_views).fill(balanced), 0);
      const ploss = shareCrossEntropy(shares, targets);
      const meMax = unevenness(shares);
      const entropy = meanEntropy(shares);
      const total = add(ploss, c.use_entropy ? add(meMax, entropy) : meMax);
      const most = mean(max(targets, 1));
      const least = mean(min(targets, 1));
      return { loss: total, outputs: { targets, ploss, me_max: meMax, entropy, max_t: most, min_t: least } };
    },
    { anchor: host(c.anchor), prototypes: host(c.prototypes) },
    { target: host(c.target), labels: host(c.proto_labels) },
    ["anchor", "prototypes"],
    dtype,
  );
  const { logs, ...values } = c.outputs;
  const chosen = new Set(
    rowsOf(outputs.targets!.data, outputs.targets!.shape[1]!).map((row) => row.indexOf(Math.max(...row))),
  );
  const ours = { ...outputs, total: loss, ...(!c.use_entropy && { entropy: 0 }) };
  return [
    ...checkOutputs(values, ours, dtype, prefix),
    ...checkOutputs(logs, { ...outputs, np: chosen.size }, dtype, `${prefix}logs.`),
    check(`${prefix}grad_anchor`, c.grad_anchor, grads.anchor, "gradient", dtype),
    check(`${prefix}grad_prototypes`, c.grad_prototypes, grads.prototypes, "gradient", dtype),
  ];
}

const rowsOf = (data: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, i) => Array.from({ length: width }, (_, j) => data[i * width + j]!));
