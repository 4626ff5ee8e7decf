import { importanceSampling } from "../masking/importanceSampling.ts";
import { crossEntropy } from "../objective/crossEntropy.ts";
import { huber } from "../objective/huber.ts";
import { l1 } from "../objective/l1.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { negativeCosine } from "../objective/negativeCosine.ts";
import { smoothL1 } from "../objective/smoothL1.ts";
import { add, div, mean, mul, type Tensor } from "../ops.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, ParityError, type RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface LossCase {
  readonly loss: string;
  readonly config: {
    readonly shift_factor?: number;
    readonly scale_factor?: number;
    readonly criterion?: "L1" | "L2";
    readonly channel?: number | null;
    readonly beta?: number;
    readonly label_smoothing?: number;
  };
  readonly masked: boolean;
  readonly [result: string]: unknown;
}
/** Inputs of a case: `x` is what the gradient is taken of. */
interface Given {
  readonly x: Tensor;
  readonly target: Tensor;
  readonly mask: Tensor;
  readonly labels: Tensor;
}
type Loss = (given: Given, c: LossCase["config"], masked: boolean) => Tensor;

const averaged = (losses: Tensor, mask: Tensor, masked: boolean): Tensor =>
  masked ? maskedMean(losses, mask) : mean(losses);

/** For each recorded loss, what it differentiates and ours under the names of value and gradient. */
const LOSSES: Readonly<Record<string, { of: string; results: readonly (readonly [string, string, Loss])[] }>> = {
  CosineSimilarityLoss: {
    of: "pred",
    results: [
      [
        "value",
        "grad_pred",
        ({ x, target, mask }, { shift_factor: shift = 0, scale_factor: scale = 1 }, masked) =>
          add(mul(averaged(negativeCosine(x, target), mask, masked), scale), shift),
      ],
    ],
  },
  PixelReconstructionLoss: {
    of: "pred",
    results: [
      [
        "value",
        "grad_pred",
        ({ x, target, mask }, { criterion, channel }, masked) => {
          const loss = averaged((criterion === "L1" ? l1 : l2)(x, target), mask, masked);
          return masked ? div(loss, channel ?? 1) : loss; // the released code divides masked losses only
        },
      ],
    ],
  },
  "torch smooth_l1 / huber": {
    of: "pred",
    results: [
      ["value_smooth_l1", "grad_smooth_l1", ({ x, target }, { beta = 1 }) => mean(smoothL1(x, target, beta))],
      ["value_huber", "grad_huber", ({ x, target }, { beta = 1 }) => mean(huber(x, target, beta))],
    ],
  },
  "cross_entropy label smoothing": {
    of: "logits",
    results: [
      [
        "value",
        "grad_logits",
        ({ x, labels }, { label_smoothing: smoothing = 0 }) => mean(crossEntropy(x, labels, { smoothing })),
      ],
    ],
  },
};

/** Losses of open-mmlab/mmpretrain and PyTorch, with their gradients. */
export async function lossesRegressionCosineParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const given = hosts(fixture.inputs);
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.cases as readonly LossCase[]).entries()) {
    const known = LOSSES[recorded.loss];
    if (!known) {
      throw new ParityError(
        `cases[${i}].loss: expected one of ${Object.keys(LOSSES).join(", ")}, found ${recorded.loss}`,
      );
    }
    for (const [value, grad, loss] of known.results) {
      const ours = await evaluateWithGradients(
        ({ x }, rest) => ({
          loss: loss({ x, ...rest } as unknown as Given, recorded.config, recorded.masked),
          outputs: {},
        }),
        { x: given[known.of]! },
        given,
        ["x"],
        dtype,
      );
      checks.push(check(`cases[${i}].${value}`, recorded[value] as JsonTensor, ours.loss, "forward", dtype));
      checks.push(check(`cases[${i}].${grad}`, recorded[grad] as JsonTensor, ours.grads.x, "gradient", dtype));
    }
  }
  return [...checks, ...milanChecks(fixture.milan as MilanCase, dtype)];
}

interface MilanCase {
  readonly importance: JsonTensor;
  readonly mask_ratio: number;
  readonly draws: readonly RecordedDraw[];
  readonly ids_restore: JsonTensor;
  readonly ids_keep: JsonTensor;
  readonly ids_dump: JsonTensor;
}

function milanChecks(recorded: MilanCase, dtype: RunDType): Check[] {
  const [N, L] = recorded.importance.shape as [number, number];
  const ours = importanceSampling(recordedDraws(recorded.draws), recorded.importance.data, [N, L], recorded.mask_ratio);
  const K = ours.idsKeep.length / N;
  const order = Array.from({ length: N * L }, (_, at) => {
    const row = ours.idsRestore.subarray(at - (at % L), at - (at % L) + L);
    return row.indexOf(at % L);
  });
  const dumped = order.filter((_, at) => at % L >= K);
  return [
    check("milan.ids_restore", recorded.ids_restore, { shape: [N, L], data: ours.idsRestore }, "exact", dtype),
    check("milan.ids_keep", recorded.ids_keep, { shape: [N, K], data: ours.idsKeep }, "exact", dtype),
    check("milan.ids_dump", recorded.ids_dump, dumped, "exact", dtype),
  ];
}
