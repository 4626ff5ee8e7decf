import { nearestCentersMasking } from "../masking/nearestCenters.ts";
import type { HostTensor } from "../method.ts";
import { type PointMaeConfig, pointMae } from "../methods/pointMae.ts";
import { chamferL1, chamferL2 } from "../objective/chamfer.ts";
import { type Check, check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, host, hosts, type JsonTensor, options, type RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of Pang-Yatian/Point-MAE, models/Point_MAE.py, and what its configuration for pre-training sets. */
const POINT_MAE_OPTIONS = {
  group_size: 32,
  num_group: 64,
  mask_ratio: 0.6,
  mask_type: "rand",
  trans_dim: 384,
  depth: 12,
  num_heads: 6,
  decoder_depth: 4,
  decoder_num_heads: 6,
  loss: "cdl2",
  batchnorm: "train mode",
  pos_mlp_hidden: 128,
  layer_norm_eps: 1e-5,
};

/** Widths of the small PointNet are no options of the code base: they are read off the parameters. */
function pointMaeConfig(fixture: Fixture, params: Readonly<Record<string, HostTensor>>): PointMaeConfig {
  const o = options(fixture, POINT_MAE_OPTIONS);
  const width = (layer: string): number => params[`MAE_encoder.encoder.${layer}.weight`]?.shape[0] ?? 0;
  return {
    groups: o.num_group,
    groupSize: o.group_size,
    widths: [width("first_conv.0"), width("first_conv.3")],
    dim: o.trans_dim,
    depth: o.depth,
    heads: o.num_heads,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    positionHidden: o.pos_mlp_hidden,
    eps: o.layer_norm_eps,
    maskRatio: o.mask_ratio,
    masking: o.mask_type === "rand" ? "random" : "block",
    loss: o.loss === "cdl1" ? "chamferL1" : "chamferL2",
  };
}

export async function pointMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const params = hosts(fixture.params);
  const c = pointMaeConfig(fixture, params);
  sameNames(Object.keys(pointMae.specs(c)), Object.keys(params));
  const { pts } = hosts(fixture.inputs);
  const inputs = pointMae.prepare(c, { points: pts! }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const { loss, grads } = await evaluateWithGradients(
    (p, x) => pointMae.evaluate(c, p, x, {}),
    params,
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const ours = {
    fps_idx: inputs.idsCenter!,
    center: inputs.centers!,
    neighborhood: inputs.neighborhoods!,
    mask: inputs.mask!,
    loss,
  };
  return [
    ...checkModel(fixture, ours, grads, dtype),
    ...(await checkChamfer(fixture, dtype)),
    ...checkBlockMask(fixture, inputs.centers!, c.maskRatio, dtype),
  ];
}

async function checkChamfer(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const recorded = fixture.chamfer as Readonly<Record<string, JsonTensor>> | undefined;
  if (!recorded) return [];
  const clouds = { a: host(recorded.a!), b: host(recorded.b!) };
  const checks: Check[] = [];
  for (const [name, distance] of Object.entries({ l1: chamferL1, l2: chamferL2 })) {
    const { loss, grads } = await evaluateWithGradients(
      ({ a, b }) => ({ loss: distance(a!, b!), outputs: {} }),
      clouds,
      {},
      ["a", "b"],
      dtype,
    );
    checks.push(check(`chamfer.${name}`, recorded[name]!, loss, "forward", dtype));
    for (const cloud of ["a", "b"]) {
      const want = recorded[`grad_${cloud}_${name}`];
      if (want) checks.push(check(`chamfer.grad_${cloud}_${name}`, want, grads[cloud], "gradient", dtype));
    }
  }
  return checks;
}

function checkBlockMask(fixture: Fixture, centers: HostTensor, maskRatio: number, dtype: RunDType): Check[] {
  const recorded = fixture.block_mask as { draws: readonly RecordedDraw[]; mask: JsonTensor } | undefined;
  if (!recorded) return [];
  const mask = nearestCentersMasking(
    recordedDraws(recorded.draws),
    centers.data,
    [centers.shape[0]!, centers.shape[1]!],
    maskRatio,
  );
  return [check("block_mask.mask", recorded.mask, mask, "exact", dtype)];
}
