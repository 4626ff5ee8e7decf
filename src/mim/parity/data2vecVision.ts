import { type Data2vecConfig, data2vec, teacherTargets } from "../methods/data2vec.ts";
import { under } from "../nn/params.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { smoothL1 } from "../objective/smoothL1.ts";
import { mean, type Tensor } from "../ops.ts";
import type { AveragedLayers } from "../target/averagedLayers.ts";
import { maskedRows } from "./beit.ts";
import { BEIT_VIT_OPTIONS, beitVit } from "./beitVit.ts";
import { type Check, check, checkGradients, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, options } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface Recorded {
  readonly mask: JsonTensor;
  readonly pred: JsonTensor;
  readonly targets: Readonly<Record<string, JsonTensor>>;
  readonly loss_by_beta: Readonly<Record<string, JsonTensor>>;
  readonly loss_smooth_l1_beta2?: JsonTensor;
  readonly loss_mse: JsonTensor;
  readonly variance_hinge: JsonTensor;
  readonly loss: JsonTensor;
}

/** How each kind of recorded target was made. */
const TARGETS: Readonly<
  Record<string, { readonly layerResults: "end" | "fed"; readonly normalization: AveragedLayers }>
> = {
  end_ln: { layerResults: "end", normalization: { layerNorm: true } },
  fc_ln_post: { layerResults: "fed", normalization: { layerNorm: true, layerNormAfter: true } },
  end_instance: { layerResults: "end", normalization: { instanceNorm: true } },
};

/** facebookresearch/data2vec_vision, beit/modeling_cyclical.py and engine_for_cyclical.py. */
export async function data2vecVisionParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, {
    ...BEIT_VIT_OPTIONS,
    drop_path_rate: 0,
    target_layers: [] as number[],
    l1_beta: 2,
    num_masking_patches: 120,
    min_num_patches: 16,
    layer_norm_eps: 1e-6,
  });
  const c: Data2vecConfig = {
    ...beitVit(o, o.layer_norm_eps),
    blocks: { hidden: o.num_masking_patches, minBlock: o.min_num_patches, minAspect: 0.3 },
    targetLayers: o.target_layers,
    ...TARGETS.end_ln!,
    distance: { beta: o.l1_beta },
    momentum: { start: 1, end: 1, over: 1 },
  };
  const student = hosts(fixture.params_student as Record<string, JsonTensor>);
  const teacher = hosts(fixture.params_teacher as Record<string, JsonTensor>);
  sameNames(Object.keys(data2vec.specs(c)), Object.keys(student));
  sameNames(Object.keys(data2vec.specs(c)), Object.keys(teacher));
  const held = Object.fromEntries(Object.entries(teacher).map(([name, x]) => [`teacher.${name}`, x]));
  const expected = fixture.outputs as unknown as Recorded;
  const betas = Object.keys(expected.loss_by_beta);
  const batch = { images: hosts(fixture.inputs).imgs! };
  const inputs = data2vec.prepare(c, batch, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const { loss, outputs, grads } = await evaluateWithGradients(
    (p, x) => {
      const { loss, outputs } = data2vec.evaluate(c, p, x, x);
      const { pred, target } = outputs as { pred: Tensor; target: Tensor };
      const targets = Object.entries(TARGETS).map(([name, how]) => [
        name,
        teacherTargets({ ...c, ...how }, under(x, "teacher."), x.images!),
      ]);
      const byBeta = betas.map((beta) => [
        beta.replace(".", "_"),
        maskedMean(mean(smoothL1(pred, target, Number(beta)), -1), x.mask!),
      ]);
      const mse = maskedMean(l2(pred, target), x.mask!);
      return {
        loss,
        outputs: { ...outputs, mse, targets: Object.fromEntries(targets), byBeta: Object.fromEntries(byBeta) },
      };
    },
    student,
    { ...inputs, ...held },
    trainedNames(fixture),
    dtype,
  );
  const mask = inputs.mask!;
  const side = Math.sqrt(mask.shape[1]!);
  const forward = (name: string, want: JsonTensor, got: Parameters<typeof check>[2]) =>
    check(`outputs.${name}`, want, got, "forward", dtype);
  return [
    check("outputs.mask", expected.mask, { shape: [mask.shape[0]!, side, side], data: mask.data }, "exact", dtype),
    forward("pred", expected.pred, maskedRows(outputs.pred!, mask)),
    ...Object.entries(expected.targets).map(([name, want]) => {
      const ours = outputs[`targets.${name}`];
      return forward(`targets.${name}`, want, ours && maskedRows(ours, mask));
    }),
    ...betas.map((beta) =>
      forward(`loss_by_beta.${beta}`, expected.loss_by_beta[beta]!, outputs[`byBeta.${beta.replace(".", "_")}`]),
    ),
    ...(expected.loss_smooth_l1_beta2
      ? [forward("loss_smooth_l1", expected.loss_smooth_l1_beta2, outputs.regression)]
      : []),
    forward("loss_mse", expected.loss_mse, outputs.mse),
    forward("variance_hinge", expected.variance_hinge, outputs.hinge),
    forward("loss", expected.loss, loss),
    ...checkGradients(fixture.grads!, grads, dtype),
  ];
}
