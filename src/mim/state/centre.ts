import type { HostParams } from "../nn/params.ts";
import { add, mean, mul, type Tensor } from "../ops.ts";

/** Running mean of a teacher's scores. DINO, Caron et al. 2021, Eq. 4. */
export const centre = {
  init: (shape: readonly number[]): HostParams[string] => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  }),
  /** m · centre + (1 - m) · mean of the scores over all axes but the last; the centre keeps its shape. */
  update: (old: Tensor, scores: Tensor, m: number): Tensor => {
    const axes = Array.from({ length: scores.ndim - 1 }, (_, i) => i);
    return add(mul(old, m), mul(mean(scores, axes), 1 - m));
  },
};
