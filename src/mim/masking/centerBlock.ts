/**
 * Hides the block in the middle of a grid, the same for every sample: mask [N, h · w], 0 kept, 1 masked. The inpainting masks
 * of DiffMAE, Wei et al. 2023 ("center-masking"); `share` is the block's share of each side.
 */
export function centerBlockMasking(N: number, [h, w]: readonly [number, number], share: number): Float32Array {
  const [rows, columns] = [Math.round(h * share), Math.round(w * share)];
  const [top, left] = [Math.floor((h - rows) / 2), Math.floor((w - columns) / 2)];
  return Float32Array.from({ length: N * h * w }, (_, i) => {
    const [y, x] = [Math.floor((i % (h * w)) / w), i % w];
    return y >= top && y < top + rows && x >= left && x < left + columns ? 1 : 0;
  });
}
