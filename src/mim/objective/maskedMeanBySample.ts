import { cast, type DType, div, greater, maximum, mul, sum, type Tensor } from "../ops.ts";

/**
 * Mean over the masked patches of each sample, then over the samples that have any: losses and mask [N, L], 1 masked -> []; 0
 * where nothing is masked. Unlike maskedMean a sample with many masked patches weighs no more than one with few. MultiMAE, criterion.py.
 */
export function maskedMeanBySample(losses: Tensor, mask: Tensor): Tensor {
  const counts = sum(mask, 1); // [N]
  const means = div(sum(mul(losses, mask), 1), maximum(counts, 1)); // 0 where nothing is masked
  const any = cast(greater(counts, 0), losses.dtype as DType);
  return div(sum(means), maximum(sum(any), 1));
}
