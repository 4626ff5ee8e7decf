import { patchify, unpatchify } from "../nn/patchify.ts";
import { add, broadcastTo, greater, mean, mul, reshape, sqrt, type Tensor, variance, where } from "../ops.ts";

/**
 * What a reader sees of a step: the images whole, with masked patches grey, and with the prediction in their place. A prediction
 * of normalised pixels is brought back with each patch's own mean and deviation. images [N, 3, H, W], mask [N, L].
 */
export function maskedPictures(
  c: { readonly imageSize: readonly [number, number]; readonly patchSize: number; readonly normalizedTarget?: boolean },
  images: Tensor,
  mask: Tensor,
  pred: Tensor,
): { whole: Tensor; masked: Tensor; reconstruction: Tensor } {
  const patches = patchify(images, c.patchSize); // [N, L, p²C]
  const [N, L, F] = patches.shape as [number, number, number];
  const [h, w] = [c.imageSize[0] / c.patchSize, c.imageSize[1] / c.patchSize];
  const hidden = greater(broadcastTo(reshape(mask, [N, L, 1]), [N, L, F]), 0.5);
  const filled = c.normalizedTarget
    ? add(
        mul(pred, sqrt(add(variance(patches, -1, { correction: 1, keepdims: true }), 1e-6))),
        mean(patches, -1, { keepdims: true }),
      )
    : pred;
  const show = (x: Tensor) => unpatchify(where(hidden, x, patches), c.patchSize, h, w);
  const grey = broadcastTo(mean(patches, null, { keepdims: true }), [N, L, F]);
  return { whole: images, masked: show(grey), reconstruction: show(filled) };
}
