import type { HostTensor } from "../method.ts";

/** The visible cell of each 2 x 2 cells, window by window: mask [N, L] of `uniformSampling` -> [N, L / 4]. */
export function keptByWindow(mask: Float32Array, N: number, [h, w]: readonly [number, number]): Int32Array {
  return Int32Array.from({ length: (N * h * w) / 4 }, (_, i) => {
    const [n, window] = [Math.floor((4 * i) / (h * w)), i % ((h * w) / 4)];
    const first = 2 * Math.floor(window / (w / 2)) * w + 2 * (window % (w / 2));
    return [first, first + 1, first + w, first + w + 1].find((cell) => mask[n * h * w + cell] === 0)!;
  });
}

/**
 * Tokens of the visible cells, pushed together to a map of `perCell` tokens a side for each of h x w cells, and their rows and
 * columns in the image. UM-MAE, Li et al. 2022, §3.1; models_mae_swin.py adds up the four cells of a window, three of them zero.
 */
export function squeezedTokens(
  kept: Int32Array,
  N: number,
  [h, w]: readonly [number, number],
  perCell: number,
  cellsAcross: number,
): { readonly ids: HostTensor; readonly positions: HostTensor } {
  const [H, W] = [h * perCell, w * perCell];
  const ids = new Int32Array(N * H * W);
  const positions = new Float32Array(2 * ids.length);
  ids.forEach((_, i) => {
    const [n, y, x] = [Math.floor(i / (H * W)), Math.floor((i % (H * W)) / W), i % W];
    const cell = kept[(n * h + Math.floor(y / perCell)) * w + Math.floor(x / perCell)]!;
    const row = Math.floor(cell / cellsAcross) * perCell + (y % perCell);
    const column = (cell % cellsAcross) * perCell + (x % perCell);
    ids[i] = row * cellsAcross * perCell + column;
    positions.set([row, column], 2 * i);
  });
  return { ids: { shape: [N, H * W], data: ids }, positions: { shape: [N, H, W, 2], data: positions } };
}
