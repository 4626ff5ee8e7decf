import { frequencyFilter } from "../masking/frequency.ts";
import { mfm } from "../methods/mfm.ts";
import { type FrequencyDistance, frequencyDistance } from "../objective/frequencyDistance.ts";
import { mean, sqrt, square, sum, type Tensor } from "../ops.ts";
import { type Actual, type Check, check, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, options } from "./fixture.ts";
import { modelParity } from "./model.ts";
import { simmimEncoder } from "./simmim.ts";

const LOSS_OPTIONS = {
  loss_gamma: 1,
  matrix_gamma: 1,
  patch_factor: 1,
  ave_spectrum: false,
  with_matrix: false,
  log_matrix: false,
  batch_matrix: false,
};

const distanceOf = (o: typeof LOSS_OPTIONS): FrequencyDistance => ({
  gamma: o.loss_gamma,
  parts: o.patch_factor,
  averaged: o.ave_spectrum,
  ...(o.with_matrix && { focal: { gamma: o.matrix_gamma, log: o.log_matrix, overBatch: o.batch_matrix } }),
});

interface LossCase {
  readonly config: Readonly<Record<string, unknown>>;
  readonly loss_mean: JsonTensor;
  readonly loss_l2: JsonTensor;
  readonly loss_first_map: JsonTensor;
  readonly grad_pred: JsonTensor;
}

/** Jiahao000/MFM, models/mfm.py, data/data_mfm.py and models/frequency_loss.py. */
export async function mfmParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, {
    ...LOSS_OPTIONS,
    encoder: {},
    encoder_stride: 16,
    mask_radius1: 16,
    mask_radius2: 999,
    recover_target: "masked",
    layer_norm_eps: 1e-6,
  });
  const encoder = { ...simmimEncoder({ ...fixture, config: o.encoder }, o.layer_norm_eps), maskToken: false as const };
  const c = {
    encoder,
    radius: o.mask_radius1,
    outerRadius: o.mask_radius2,
    lowProbability: 0.5,
    distance: distanceOf(o),
    recover: o.recover_target === "masked" ? ("deleted" as const) : ("all" as const),
    channelMean: [0.485, 0.456, 0.406],
    channelDeviation: [0.229, 0.224, 0.225],
  };
  const { imgs, mask } = fixture.inputs as Record<"imgs" | "mask", JsonTensor>;
  const { outputs, ...rest } = fixture;
  const given = { ...rest, inputs: { imgs, kept: { ...mask, dtype: "float" as const } } };
  const { band_mask_r4_r9: band, ...expected } = outputs!;
  const { checks } = await modelParity(mfm, c, { ...given, outputs: expected } as Fixture, dtype, (_, ours) => ({
    corrupted: ours.corrupted as Actual,
    rec: ours.pred as Actual,
  }));
  const size = encoder.imageSize;
  const ours = frequencyFilter(size, "low", { radius: 4, outerRadius: 9 });
  return [
    ...checks,
    ...(band ? [check("outputs.band_mask_r4_r9", band, { shape: [...size], data: ours }, "exact", dtype)] : []),
    ...filterChecks(mask, size, c, dtype),
    ...(await lossChecks(fixture, dtype)),
  ];
}

/** Each recorded mask is one of the two filters of the radius. */
function filterChecks(
  { shape, data }: JsonTensor,
  size: readonly [number, number],
  radii: { readonly radius: number; readonly outerRadius: number },
  dtype: RunDType,
): Check[] {
  const many = size[0] * size[1];
  return Array.from({ length: shape[0]! }, (_, n) => {
    const recorded = data.slice(n * many, (n + 1) * many);
    const zero = Math.floor(size[0] / 2) * size[1] + Math.floor(size[1] / 2);
    const ours = frequencyFilter(size, recorded[zero] ? "low" : "high", radii);
    return check(`inputs.mask[${n}]`, recorded, ours, "exact", dtype);
  });
}

async function lossChecks(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const { pred, target } = hosts(fixture.loss_inputs as Record<string, JsonTensor>);
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.loss_cases as readonly LossCase[]).entries()) {
    const how = distanceOf(options({ ...fixture, config: recorded.config }, LOSS_OPTIONS));
    const { loss, outputs, grads } = await evaluateWithGradients(
      (p, x) => {
        const map = frequencyDistance(p.pred as Tensor, x.target as Tensor, how);
        return { loss: mean(map), outputs: { map, l2: sqrt(sum(square(map))) } };
      },
      { pred: pred! },
      { target: target! },
      ["pred"],
      dtype,
    );
    const map = outputs.map!;
    const first = { shape: map.shape.slice(-2), data: map.data.slice(0, map.shape.at(-1)! * map.shape.at(-2)!) };
    const shape = recorded.grad_pred.shape;
    const slope = {
      shape,
      data: grads.pred!.data.slice(
        0,
        shape.reduce((a, b) => a * b, 1),
      ),
    };
    checks.push(
      check(`loss_cases[${i}].loss_mean`, recorded.loss_mean, loss, "forward", dtype),
      check(`loss_cases[${i}].loss_l2`, recorded.loss_l2, outputs.l2, "forward", dtype),
      check(`loss_cases[${i}].loss_first_map`, recorded.loss_first_map, first, "forward", dtype),
      check(`loss_cases[${i}].grad_pred`, recorded.grad_pred, slope, "gradient", dtype),
    );
  }
  return checks;
}
