import { abs, mean, sub, type Tensor } from "../ops.ts";

/** Mean absolute difference of each patch: [N, L, F] twice -> [N, L]. */
export const l1 = (pred: Tensor, target: Tensor): Tensor => mean(abs(sub(pred, target)), -1);
