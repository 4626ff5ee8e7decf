import { mul, neg, normalize, sum, type Tensor } from "../ops.ts";

/**
 * Minus the cosine of the angle between each prediction and its target: [N, L, F] twice -> [N, L]. MILAN, Hou et al. 2022,
 * §3.1; EVA, Fang et al. 2023, §2.1.
 */
export const negativeCosine = (pred: Tensor, target: Tensor): Tensor =>
  neg(sum(mul(normalize(pred), normalize(target)), -1));
