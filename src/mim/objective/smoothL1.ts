import { div, type Tensor } from "../ops.ts";
import { huber } from "./huber.ts";

/**
 * Smooth L1 of each number: e² / (2β) where |e| ≤ β, else |e| - β / 2, which is Huber's loss over its threshold. Girshick
 * 2015, Eq. 3; with β in data2vec, Baevski et al. 2022, §3.3.
 */
export const smoothL1 = (pred: Tensor, target: Tensor, beta = 1): Tensor => div(huber(pred, target, beta), beta);
