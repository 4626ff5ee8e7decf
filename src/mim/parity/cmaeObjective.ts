import { cmaeObjective } from "../methods/cmae.ts";
import { batchNormMlpSpecs } from "../nn/batchNormMlp.ts";
import { type Check, check, checkGradients, checkOutputs, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames } from "./evaluate.ts";
import { type Fixture, type Gradients, hosts, type JsonTensor, options } from "./fixture.ts";

const NECK = {
  type: "NonLinearNeck",
  in_channels: 0,
  hid_channels: 0,
  out_channels: 0,
  num_layers: 2,
  with_bias: false,
  with_last_bn: true,
  with_last_bias: false,
  with_avg_pool: true,
  norm_cfg: { type: "SyncBN", eps: 1e-6 } as { type: string; eps?: number },
};

/** ZhichengHuang/CMAE, cmae_head.py and nonlinear_neck.py. */
export async function cmaeObjectiveParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, {
    projector: {} as Record<string, unknown>,
    predictor: {} as Record<string, unknown>,
    temperature: 0.07,
    patch_size: 16,
    ct_weight: 1,
    rc_weight: 1,
  });
  const neck = (config: Record<string, unknown>) => {
    const n = options({ ...fixture, config }, NECK);
    return {
      inner: n.in_channels,
      hidden: n.hid_channels,
      out: n.out_channels,
      layers: n.num_layers,
      bias: n.with_bias,
      lastBias: n.with_last_bias,
      lastNorm: n.with_last_bn,
    };
  };
  const [projector, predictor] = [neck(o.projector), neck(o.predictor)];
  const c = {
    patchSize: o.patch_size,
    temperature: o.temperature,
    contrastWeight: o.ct_weight,
    reconstructionWeight: o.rc_weight,
    headEps: (o.projector.norm_cfg as { eps?: number } | undefined)?.eps ?? 1e-6,
  };
  const params = hosts(fixture.params);
  const expected = {
    ...batchNormMlpSpecs("projector", projector),
    ...batchNormMlpSpecs("target_projector", projector),
    ...batchNormMlpSpecs("head.predictor", predictor),
  };
  sameNames(Object.keys(expected), Object.keys(params));
  const { pred_pixel, pred_feature, ...inputs } = hosts(fixture.inputs);
  const grads = (fixture.grads ?? {}) as unknown as Readonly<Record<string, Gradients>>;
  const trained = Object.entries(grads).flatMap(([part, { stats }]) =>
    Object.keys(stats).map((name) => `${part}.${name}`),
  );
  const predictions = { pred_pixel: pred_pixel!, pred_feature: pred_feature! };
  const run = await evaluateWithGradients(
    (p, x) =>
      cmaeObjective(c, p, {
        images: x.imgs!,
        pred: p.pred_pixel!,
        mask: x.mask!,
        features: p.pred_feature!,
        latentTarget: x.latent_target!,
      }),
    { ...params, ...predictions },
    inputs,
    [...trained, ...Object.keys(predictions)],
    dtype,
  );
  const { losses, ...outputs } = (fixture.outputs ?? {}) as Record<string, unknown>;
  const vectors = Object.fromEntries(
    Object.entries({ proj_s: run.outputs.projected!, proj_t: run.outputs.key! }).map(([name, { shape, data }]) => [
      name,
      { shape: [shape[0]!, 1, shape[1]!], data },
    ]),
  );
  const terms = { loss_ct: run.outputs.lossContrast!, loss_rc: run.outputs.lossReconstruction! };
  const ofPart = (part: string) =>
    Object.fromEntries(
      Object.entries(run.grads).flatMap(([name, g]) =>
        name.startsWith(`${part}.`) ? [[name.slice(part.length + 1), g]] : [],
      ),
    );
  const pixelSlope = Math.hypot(...run.grads.pred_pixel!.data);
  return [
    ...checkOutputs(outputs, { ...vectors, loss: run.loss }, dtype),
    ...checkOutputs({ ...(losses as object) }, terms, dtype, "outputs.losses."),
    ...Object.entries(grads).flatMap(([part, g]) => checkGradients(g, ofPart(part), dtype, `grads.${part}.`)),
    check("grad_pred_pixel_l2", fixture.grad_pred_pixel_l2 as JsonTensor, pixelSlope, "gradient", dtype),
    check("grad_pred_feature", fixture.grad_pred_feature as JsonTensor, run.grads.pred_feature, "gradient", dtype),
  ];
}
