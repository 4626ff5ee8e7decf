import { reshape, type Tensor, transpose } from "../ops.ts";

/** Clips [N, C, T, H, W] -> cubes of s frames and p x p pixels [N, L, s·p², C], times first, then rows, then columns. */
export function tubePatchify(clips: Tensor, s: number, p: number): Tensor {
  const [N, C, T, H, W] = clips.shape as [number, number, number, number, number];
  if (T % s !== 0 || H % p !== 0 || W % p !== 0) {
    throw new RangeError(`tubePatchify: expected frames in ${s}s and pixels in ${p}s, found ${T} x ${H} x ${W}`);
  }
  const grid = reshape(clips, [N, C, T / s, s, H / p, p, W / p, p]);
  return reshape(transpose(grid, [0, 2, 4, 6, 3, 5, 7, 1]), [N, (T / s) * (H / p) * (W / p), s * p * p, C]);
}

/** Inverse of tubePatchify for a clip of [T / s, H / p, W / p] cubes. */
export function tubeUnpatchify(
  cubes: Tensor,
  s: number,
  p: number,
  [t, h, w]: readonly [number, number, number],
): Tensor {
  const [N, , , C] = cubes.shape as [number, number, number, number];
  const grid = reshape(cubes, [N, t, h, w, s, p, p, C]);
  return reshape(transpose(grid, [0, 7, 1, 4, 2, 5, 3, 6]), [N, C, t * s, h * p, w * p]);
}
