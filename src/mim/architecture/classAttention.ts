import { mean, select, slice, type Tensor } from "../ops.ts";

/**
 * Attention of the class token to each patch, mean over heads: a block's weights [N, heads, 1 + L, 1 + L] -> [N, L]. What the
 * class token gives itself is left out, so a row adds up to less than 1. DINO, Caron et al. 2021, Fig. 1.
 */
export const classAttention = (weights: Tensor): Tensor => slice(select(mean(weights, 1), 1, 0), 1, 1);
