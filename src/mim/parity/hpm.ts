import { easyToHard, hardPatches } from "../masking/hardPatches.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import { type HpmConfig, hpm } from "../methods/hpm.ts";
import { absoluteLossPrediction } from "../objective/lossPrediction.ts";
import { zeros } from "../ops.ts";
import { type Check, check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, host, hosts, type JsonTensor, options, type RecordedDraw } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface GeneratedMask {
  readonly epoch: number;
  readonly total_epoch: number;
  readonly mask_ratio: number;
  readonly draws: readonly RecordedDraw[];
  readonly mask: JsonTensor;
}

/** Haochen-Wang409/HPM: the teacher's scores, masks at several epochs, one step of the student under `mask_used`. */
export async function hpmParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, { ...MAE_OPTIONS, loss: "" });
  const c: HpmConfig = {
    ...maeConfig(o),
    lastHardShare: 0.5,
    lossPrediction: /relative=False/.test(o.loss) ? "absolute" : "relative",
    momentum: [0.999, 0.9999],
  };
  const student = hosts(fixture.params_student as Record<string, JsonTensor>);
  const teacher = hosts(fixture.params_teacher as Record<string, JsonTensor>);
  for (const params of [student, teacher]) sameNames(Object.keys(hpm.specs(c)), Object.keys(params));
  const {
    generated_masks: generated,
    mask_used: used,
    ...outputs
  } = fixture.outputs as unknown as {
    generated_masks: readonly GeneratedMask[];
    mask_used: JsonTensor;
  } & Record<string, JsonTensor>;
  const images = hosts(fixture.inputs).imgs!;
  const [N, L] = used.shape as [number, number];
  const guided = await evaluateWithGradients(
    (p, { images }) => ({ loss: zeros([]), outputs: hpm.guide!(c, {}, { images: images! }, p) }),
    teacher,
    { images },
    [],
    dtype,
  );
  const scores = outputs.teacher_loss_pred!.data;
  const masks = generated.map(({ epoch, total_epoch, mask_ratio, draws, mask }, i) => {
    const hardShare = easyToHard(epoch, total_epoch, c.lastHardShare);
    const ours = hardPatches(recordedDraws(draws), scores, [N, L], { maskRatio: mask_ratio, hardShare });
    return check(`outputs.generated_masks.${i}.mask`, mask, ours.mask, "exact", dtype);
  });
  const { idsKeep, idsMasked, idsRestore } = visibleFirst(host(used).data, N, L);
  const run = await evaluateWithGradients(
    (p, x) => {
      const { loss, outputs } = hpm.evaluate(c, p, x, {});
      return {
        loss,
        outputs: { ...outputs, absolute: absoluteLossPrediction(outputs.scores as never, outputs.losses as never) },
      };
    },
    student,
    {
      images,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsMasked: { shape: [N, idsMasked.length / N], data: idsMasked },
      idsRestore: { shape: [N, L], data: idsRestore },
    },
    trainedNames(fixture),
    dtype,
  );
  const ours = run.outputs;
  const actual = {
    teacher_loss_pred: guided.outputs.scores!,
    latent: ours.latent!,
    pix_pred_masked: ours.pred!,
    loss_pred_masked: ours.scores!,
    loss_matrix: ours.losses!,
    loss_rec: ours.lossRec!,
    [c.lossPrediction === "relative" ? "loss_learn_relative" : "loss_learn_absolute"]: ours.lossPred!,
    ...(c.lossPrediction === "relative" && { loss_learn_absolute: ours.absolute! }),
    loss: run.loss,
  };
  return [...masks, ...checkModel({ ...fixture, outputs }, actual, run.grads, dtype)];
}
