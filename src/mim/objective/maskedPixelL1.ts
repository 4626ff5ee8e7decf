import { abs, add, div, mul, sub, sum, type Tensor } from "../ops.ts";

/**
 * Mean absolute difference over the hidden pixels: images [N, C, H, W] twice and mask [N, 1, H, W], 1 masked -> []. SimMIM
 * §3.4, Eq. 2; the released code adds 1e-5 to the number of hidden pixels.
 */
export function maskedPixelL1(pred: Tensor, target: Tensor, mask: Tensor): Tensor {
  const C = target.shape[1] as number;
  return div(div(sum(mul(abs(sub(target, pred)), mask)), add(sum(mask), 1e-5)), C);
}
