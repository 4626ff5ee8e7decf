import { add, matmul, mean, mul, normalize, range, type Tensor, transpose } from "../ops.ts";
import { crossEntropy } from "./crossEntropy.ts";

/** Contrast of images and captions. */
export interface ImageTextContrast {
  /** [] */
  readonly loss: Tensor;
  /** Scaled cosine of each image with each caption, [N, N]. */
  readonly logits: Tensor;
}

/**
 * Each image picks its caption among those of the batch, and each caption its image: images and captions [N, E], `scale` []
 * or a number by which cosines are multiplied. Radford et al. 2021 (CLIP), §2.3, Fig. 3.
 */
export function imageTextContrast(images: Tensor, captions: Tensor, scale: Tensor | number): ImageTextContrast {
  const logits = mul(matmul(normalize(images), transpose(normalize(captions))), scale);
  const own = range(images.shape[0]!);
  const [right, down] = [crossEntropy(logits, own), crossEntropy(transpose(logits), own)];
  return { loss: mul(add(mean(right), mean(down)), 0.5), logits };
}
