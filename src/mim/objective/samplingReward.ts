import { mean, mul, neg, stopGradient, type Tensor } from "../ops.ts";

/**
 * What a sampling network learns from: of each hidden token its log probability of being seen and how badly it was predicted,
 * [N, M] each -> []. Drawing has no gradient, so errors are constants that weigh log p: descending this makes tokens that are hard
 * to predict more likely to be seen. Williams 1992 (REINFORCE); AdaMAE, Bandara et al. 2023, §3.
 */
export const samplingReward = (logP: Tensor, errors: Tensor): Tensor => neg(mean(mul(logP, stopGradient(errors))));
