import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Hides the patches that match a caption best, by cosine: patches [N, L, D] and captions [N, D] of a frozen image-text
 * embedder. Text-guided masking, Fan et al. 2024 (text-guided video masked autoencoder); whether the paper takes the best or
 * draws by similarity could not be verified, here the best ⌈L · maskRatio⌉ go.
 */
export function textGuidedMasking(
  patches: ArrayLike<number>,
  captions: ArrayLike<number>,
  [N, L, D]: readonly [number, number, number],
  maskRatio: number,
): KeepMask {
  const similarity = Float64Array.from({ length: N * L }, (_, i) => {
    const caption = Math.floor(i / L) * D;
    let [product, own, other] = [0, 0, 0];
    for (let d = 0; d < D; d++) {
      const [x, y] = [patches[i * D + d]!, captions[caption + d]!];
      product += x * y;
      own += x * x;
      other += y * y;
    }
    return own > 0 && other > 0 ? product / Math.sqrt(own * other) : 0;
  });
  return keepSmallest(similarity, N, L, Math.floor(L * (1 - maskRatio)));
}
