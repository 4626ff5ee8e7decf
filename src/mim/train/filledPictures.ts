import { broadcastTo, greater, mean, type Tensor, where } from "../ops.ts";

/** Images [N, C, H, W] with hidden pixels grey, and with the prediction in their place; hidden [N, 1, H, W], 1 masked. */
export function filledPictures(
  images: Tensor,
  hidden: Tensor,
  pred: Tensor,
): { masked: Tensor; reconstruction: Tensor } {
  const at = greater(broadcastTo(hidden, images.shape), 0.5);
  const grey = broadcastTo(mean(images, null, { keepdims: true }), images.shape);
  return { masked: where(at, grey, images), reconstruction: where(at, pred, images) };
}
