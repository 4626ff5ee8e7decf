import { mean, square, sub, type Tensor } from "../ops.ts";

/** Mean square difference of each patch: [N, L, F] twice -> [N, L]. */
export const l2 = (pred: Tensor, target: Tensor): Tensor => mean(square(sub(pred, target)), -1);
