import { cubeGrid, type VideoEncoder } from "../architecture/videoViT.ts";
import { tubePatchify, tubeUnpatchify } from "../nn/tubePatchify.ts";
import {
  add,
  broadcastTo,
  type DType,
  greater,
  matmul,
  mean,
  mul,
  oneHot,
  reshape,
  select,
  sqrt,
  sum,
  type Tensor,
  transpose,
  variance,
  where,
} from "../ops.ts";

/**
 * The middle frame of each clip, with the predicted cubes grey, and with the prediction in their place, brought back to
 * each cube's own mean and deviation. clips [N, 3, T, H, W], ids [N, M], pred [N, M, s·p²·C] -> [N, 3, H, W] each.
 */
export function maskedClips(
  c: VideoEncoder,
  clips: Tensor,
  ids: Tensor,
  pred: Tensor,
): { whole: Tensor; masked: Tensor; reconstruction: Tensor } {
  const cubes = tubePatchify(clips, c.tubelet, c.patchSize); // [N, L, P, C]
  const [N, L, P, C] = cubes.shape as [number, number, number, number];
  const place = oneHot(ids, L, cubes.dtype as DType); // [N, M, L]
  const hidden = greater(broadcastTo(reshape(sum(place, 1), [N, L, 1, 1]), cubes.shape), 0.5);
  const scattered = reshape(matmul(transpose(place, [0, 2, 1]), pred), [N, L, P, C]);
  const deviation = sqrt(variance(cubes, 2, { correction: 1, keepdims: true }));
  const filled = add(mul(scattered, deviation), mean(cubes, 2, { keepdims: true }));
  const frame = Math.floor(c.frames / 2);
  const show = (x: Tensor) =>
    select(tubeUnpatchify(where(hidden, x, cubes), c.tubelet, c.patchSize, cubeGrid(c).grid), 2, frame);
  return {
    whole: select(clips, 2, frame),
    masked: show(broadcastTo(mean(cubes, null, { keepdims: true }), cubes.shape)),
    reconstruction: show(filled),
  };
}
