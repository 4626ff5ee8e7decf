/**
 * A mask of h·w patches, [N, h·w], on a grid `scale` times as fine: repeated where it is finer; where it is coarser each cell
 * holds the share of its patches that is hidden. LocalMIM, recal_mask of models_mim.py.
 */
export function resizeMask(mask: ArrayLike<number>, [h, w]: readonly [number, number], scale: number): Float32Array {
  const N = mask.length / (h * w);
  const [H, W] = [h * scale, w * scale];
  if (!Number.isInteger(H) || !Number.isInteger(W)) {
    throw new RangeError(`resizeMask: expected whole sides, found ${H} x ${W} from ${h} x ${w} by ${scale}`);
  }
  const share = Math.min(1, scale) ** 2;
  const side = Math.max(1, 1 / scale);
  return Float32Array.from({ length: N * H * W }, (_, at) => {
    const n = Math.floor(at / (H * W));
    const [y, x] = [Math.floor((at % (H * W)) / W), at % W];
    let sum = 0;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        sum += mask[(n * h + Math.floor((y + i * scale) / scale)) * w + Math.floor((x + j * scale) / scale)]!;
      }
    }
    return sum * share;
  });
}
