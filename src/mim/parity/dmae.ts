import { type DmaeDistillationConfig, dmaeDistillation } from "../methods/dmaeDistillation.ts";
import { mae } from "../methods/mae.ts";
import { under } from "../nn/params.ts";
import { type Check, checkModel, checkOutputs, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, options, ParityError } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";
import { recordedDraws } from "./recordedDraws.ts";

const NETWORK = {
  ...MAE_OPTIONS,
  embedding_distillation_func: "L1",
  aligned_blks_indices: [] as number[],
  student_reconstruction_target: "original_img",
  aligned_feature_projection_mode: "none",
  aligned_feature_projection_dim: [] as number[],
};
const PROJECTIONS = { "fc-1layer": "linear", "mlp-1layer": "mlp", "mlp-2layer": "twoMlps", none: "none" } as const;
const TARGETS = { original_img: "pixels", teacher_prediction: "teacher", none: "none" } as const;

/** UCSC-VLAA/DMAE: a truncated teacher and one step of the student. */
export async function dmaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const { mask_ratio } = options(fixture, { student: {}, teacher: {}, mask_ratio: 0.75 });
  const network = (role: string) =>
    options({ ...fixture, config: fixture.config[role] as Record<string, unknown> }, { ...NETWORK, mask_ratio });
  const [student, teacher] = [network("student"), network("teacher")];
  const c: DmaeDistillationConfig = {
    ...maeConfig(student),
    teacher: maeConfig(teacher),
    alignedBlocks: student.aligned_blks_indices,
    teacherBlocks: teacher.aligned_blks_indices,
    distance: one({ L1: "l1", L2: "l2" } as const, "embedding_distillation_func", student.embedding_distillation_func),
    projection: one(PROJECTIONS, "aligned_feature_projection_mode", student.aligned_feature_projection_mode),
    reconstruct: one(TARGETS, "student_reconstruction_target", student.student_reconstruction_target),
  };
  const studentParams = hosts(fixture.params_student as Record<string, JsonTensor>);
  const teacherParams = hosts(fixture.params_teacher as Record<string, JsonTensor>);
  sameNames(Object.keys(dmaeDistillation.specs(c)), Object.keys(studentParams));
  sameNames(Object.keys(mae.specs(c.teacher)), Object.keys(teacherParams));
  const both = {
    ...studentParams,
    ...Object.fromEntries(Object.entries(teacherParams).map(([name, x]) => [`teacher.${name}`, x])),
  };
  const { imgs, ...given } = fixture.inputs as Record<string, JsonTensor>;
  const images = hosts({ imgs: imgs! }).imgs!;
  const inputs = dmaeDistillation.prepare(c, { images }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const {
    loss,
    outputs: ours,
    grads,
  } = await evaluateWithGradients(
    (p, x) => dmaeDistillation.evaluate(c, p, x, p),
    both,
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const { distill, ...outputs } = { ...fixture.outputs };
  const actual = {
    ids_keep: inputs.idsKeep!,
    ids_restore: inputs.idsRestore!,
    mask: inputs.mask!,
    pred: ours.pred!,
    loss_rec: ours.lossRec!,
    loss,
  };
  const aligned = Object.fromEntries(c.alignedBlocks.map((b, i) => [`align_block${b}`, ours[`distil.${i}`]!]));
  const latents = Object.values((given.teacher_latents_rounded ?? []) as never as JsonTensor[]).slice(0, -1);
  return [
    ...checkModel({ ...fixture, outputs }, actual, grads, dtype),
    ...checkOutputs({ ...(distill as object) }, aligned, dtype, "outputs.distill."),
    ...checkOutputs(
      { ...latents },
      under(ours as never, "features.") as never,
      dtype,
      "inputs.teacher_latents_rounded.",
    ),
  ];
}

function one<T>(choices: Readonly<Record<string, T>>, option: string, found: string): T {
  const choice = choices[found];
  if (!choice) {
    throw new ParityError(`config.${option}: expected ${Object.keys(choices).join(" or ")}, found ${found}`);
  }
  return choice;
}
