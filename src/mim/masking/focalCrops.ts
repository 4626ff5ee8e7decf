import type { Draws } from "../draws.ts";
import type { HostTensor } from "../method.ts";

/**
 * Small square crops at random places, `count` of each image: images [N, C, H, W] -> [count · N, C, size, size], all
 * images' first crops before their second. MSN's focal views, which hide all but a neighbourhood.
 */
export function focalCrops(draws: Draws, images: HostTensor, size: number, count: number): HostTensor {
  const [N, C, H, W] = images.shape as [number, number, number, number];
  const data = new Float32Array(count * N * C * size * size);
  let at = 0;
  for (let k = 0; k < count; k++) {
    for (let n = 0; n < N; n++) {
      const [top, left] = [draws.integer(0, H - size + 1), draws.integer(0, W - size + 1)];
      for (let c = 0; c < C; c++) {
        for (let y = 0; y < size; y++) {
          const row = ((n * C + c) * H + top + y) * W + left;
          data.set(images.data.subarray(row, row + size), at);
          at += size;
        }
      }
    }
  }
  return { shape: [count * N, C, size, size], data };
}
