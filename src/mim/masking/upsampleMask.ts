/** Masks [N, h, w] with every cell repeated `scale` times down and across: [N, h · scale, w · scale]. */
export function upsampleMask(mask: Float32Array, [h, w]: readonly [number, number], scale: number): Float32Array {
  const [H, W] = [h * scale, w * scale];
  return Float32Array.from({ length: mask.length * scale * scale }, (_, i) => {
    const [n, y, x] = [Math.floor(i / (H * W)), Math.floor((i % (H * W)) / W), i % W];
    return mask[(n * h + Math.floor(y / scale)) * w + Math.floor(x / scale)]!;
  });
}
