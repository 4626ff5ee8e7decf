import { reshape, type Tensor, transpose } from "../ops.ts";

/**
 * Tokens of a grid to an image of `scale` times its size: [N, h·w, C·scale²] -> [N, C, h·scale, w·scale]. A token's values
 * stand in channel, row, column order. Shi et al. 2016, Eq. 4.
 */
export function pixelShuffle(tokens: Tensor, scale: number, h: number, w: number): Tensor {
  const [N, , F] = tokens.shape as [number, number, number];
  const C = F / scale ** 2;
  const grid = reshape(tokens, [N, h, w, C, scale, scale]);
  return reshape(transpose(grid, [0, 3, 1, 4, 2, 5]), [N, C, h * scale, w * scale]);
}
