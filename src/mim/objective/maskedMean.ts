import { div, mul, sum, type Tensor } from "../ops.ts";

/** Mean of per-patch losses [N, L] over the masked patches; mask [N, L], 1 masked. Survey §2.1, Algorithm 1, step 9. */
export const maskedMean = (losses: Tensor, mask: Tensor): Tensor => div(sum(mul(losses, mask)), sum(mask));
