import type { HostTensor } from "../method.ts";

/**
 * Features without an encoder: the picture's own values, averaged over equal squares of side `pool`. images [N, C, H, W]
 * -> [N, C · H/pool · W/pool]. With pool = H the mean of each channel.
 */
export function rawPixels(images: HostTensor, pool = 1): HostTensor {
  const [N, C, H, W] = images.shape as [number, number, number, number];
  if (images.shape.length !== 4 || H % pool !== 0 || W % pool !== 0) {
    throw new RangeError(`rawPixels: expected [N, C, H, W] with sides divisible by ${pool}, found [${images.shape}]`);
  }
  const [h, w] = [H / pool, W / pool];
  const data = new Float32Array(N * C * h * w);
  for (let at = 0; at < images.data.length; at++) {
    const [plane, i, j] = [Math.floor(at / (H * W)), Math.floor(at / W) % H, at % W];
    data[(plane * h + Math.floor(i / pool)) * w + Math.floor(j / pool)]! += images.data[at]! / pool ** 2;
  }
  return { shape: [N, C * h * w], data };
}
