/**
 * Self-distillation between views of an image: a student's scores are to agree with a teacher's, which are centred, so that
 * no entry wins everywhere, and sharpened, so that they do not even out. DINO, Caron et al. 2021, §3.1; with patches, iBOT,
 * Zhou et al. 2022, §3.
 */
import { div, maximum, mean, mul, softmax, stopGradient, sub, sum, sumOf, type Tensor } from "../ops.ts";
import { softCrossEntropy } from "./crossEntropy.ts";

/** The teacher's distribution: scores [..., K], centre [K] or broadcast to the scores -> [..., K]; no gradient. */
export const teacherShares = (scores: Tensor, centre: Tensor, temperature: number | Tensor): Tensor =>
  stopGradient(softmax(div(sub(scores, centre), temperature)));

/**
 * Mean cross-entropy over pairs of a teacher's view and another view of the student's: scores [N, K] a view. The first
 * views of both are the same crops; the student may have more. iBOT Eq. 3, DINO Eq. 3.
 */
export function crossViewLoss(student: readonly Tensor[], teacher: readonly Tensor[], temperature: number): Tensor {
  const pairs = teacher.flatMap((shares, q) =>
    student.flatMap((scores, v) => (v === q ? [] : [mean(softCrossEntropy(scores, shares, temperature))])),
  );
  return div(sumOf(...pairs), pairs.length);
}

/**
 * Cross-entropy over the masked patches of each view, averaged per image and then over images and views: scores
 * [N, L, K] and masks [N, L], 1 masked, a view. An image without masked patches counts as 0. iBOT Eq. 2.
 */
export function maskedPatchLoss(
  student: readonly Tensor[],
  teacher: readonly Tensor[],
  masks: readonly Tensor[],
  temperature: number,
): Tensor {
  const views = teacher.map((shares, v) => {
    const losses = softCrossEntropy(student[v]!, shares, temperature); // [N, L]
    const hidden = masks[v]!;
    return mean(div(sum(mul(losses, hidden), -1), maximum(sum(hidden, -1), 1)));
  });
  return div(sumOf(...views), views.length);
}
