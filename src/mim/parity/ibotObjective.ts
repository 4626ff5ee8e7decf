import { crossViewLoss, maskedPatchLoss, teacherShares } from "../objective/selfDistillation.ts";
import { add, mul, split, type Tensor } from "../ops.ts";
import { warmupLine } from "../schedule/warmupLine.ts";
import { centre } from "../state/centre.ts";
import { type Check, check, checkOutputs, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, host, isTensor, type JsonTensor, options } from "./fixture.ts";

interface IbotCase {
  readonly epoch: number;
  readonly teacher_temp: number;
  readonly center_before: JsonTensor;
  readonly center2_before: JsonTensor;
  readonly outputs: Readonly<Record<string, JsonTensor>>;
  readonly center_after: JsonTensor;
  readonly center2_after: JsonTensor;
  readonly grad_student_cls: JsonTensor;
  readonly grad_student_patch: JsonTensor;
  readonly grad_student_local: JsonTensor;
}

/** bytedance/ibot, main_ibot.py, iBOTLoss. */
export async function ibotObjectiveParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, {
    out_dim: 0,
    patch_out_dim: 0,
    ngcrops: 2,
    nlcrops: 0,
    warmup_teacher_temp: 0.04,
    teacher_temp: 0.04,
    warmup_epochs: 0,
    nepochs: 0,
    student_temp: 0.1,
    center_momentum: 0.9,
    lambda1: 1,
    lambda2: 1,
  });
  const { masks, ...tensors } = fixture.inputs as unknown as Record<string, JsonTensor> & { masks: JsonTensor[] };
  const given = Object.fromEntries(Object.entries(tensors).filter(([, x]) => isTensor(x)));
  const students = {
    cls: host(given.student_cls!),
    patch: host(given.student_patch!),
    local: host(given.student_local_cls!),
  };
  const hidden = masks.map((mask, v) => {
    const [N, h, w] = mask.shape as [number, number, number];
    return [`mask${v}`, { shape: [N, h * w], data: Float64Array.from(mask.data, Number) }] as const;
  });
  const checks: Check[] = [];
  for (const [i, recorded] of (fixture.cases as readonly IbotCase[]).entries()) {
    const temperature = warmupLine(recorded.epoch, o.warmup_teacher_temp, o.teacher_temp, o.warmup_epochs);
    const { loss, outputs, grads } = await evaluateWithGradients(
      ({ cls, patch, local }, x) => {
        const views = (tokens: Tensor, n: number) => split(tokens, n, 0);
        const shares = views(teacherShares(x.cls!, x.centre!, temperature), o.ngcrops);
        const patchShares = views(teacherShares(x.patch!, x.centre2!, temperature), o.ngcrops);
        const clsViews = [...views(cls!, o.ngcrops), ...views(local!, o.nlcrops)];
        const clsLoss = mul(crossViewLoss(clsViews, shares, o.student_temp), o.lambda1);
        const hiddenViews = hidden.map(([name]) => x[name]!);
        const patchLoss = mul(
          maskedPatchLoss(views(patch!, o.ngcrops), patchShares, hiddenViews, o.student_temp),
          o.lambda2,
        );
        const centres = {
          centre: centre.update(x.centre!, x.cls!, o.center_momentum),
          centre2: centre.update(x.centre2!, x.patch!, o.center_momentum),
        };
        return { loss: add(clsLoss, patchLoss), outputs: { cls: clsLoss, patch: patchLoss, ...centres } };
      },
      students,
      {
        cls: host(given.teacher_cls!),
        patch: host(given.teacher_patch!),
        centre: host(recorded.center_before),
        centre2: host(recorded.center2_before),
        ...Object.fromEntries(hidden),
      },
      ["cls", "patch", "local"],
      dtype,
    );
    const prefix = `cases[${i}].`;
    checks.push(
      check(`${prefix}teacher_temp`, recorded.teacher_temp, temperature, "forward", dtype),
      ...checkOutputs(recorded.outputs, { ...outputs, loss }, dtype, prefix),
      check(`${prefix}center_after`, recorded.center_after, outputs.centre, "forward", dtype),
      check(`${prefix}center2_after`, recorded.center2_after, outputs.centre2, "forward", dtype),
      check(`${prefix}grad_student_cls`, recorded.grad_student_cls, grads.cls, "gradient", dtype),
      check(`${prefix}grad_student_patch`, recorded.grad_student_patch, grads.patch, "gradient", dtype),
      check(`${prefix}grad_student_local`, recorded.grad_student_local, grads.local, "gradient", dtype),
    );
  }
  return checks;
}
